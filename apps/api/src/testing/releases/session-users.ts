import type { Client } from '@taskwire/client'
import { idAt } from './ids.ts'
import type { Recorder } from './recorder.ts'

/** Records how an internal service manages the accounts of its own users. */
export async function recordUsers({ call, refused }: Recorder, service: Client): Promise<void> {
  const { users } = service
  const grace = await call(
    'users.create',
    async () =>
      await users.create.mutate({ externalId: 'grace', name: 'Grace', timeZone: 'UTC', mutationId: idAt(90) }),
  )
  await refused(
    'ALREADY_EXISTS',
    'users.create again',
    async () => await users.create.mutate({ externalId: 'grace', name: 'Grace', mutationId: idAt(91) }),
  )
  await call(
    'users.update',
    async () =>
      await users.update.mutate({
        externalId: 'grace',
        changes: { name: 'Grace H.', disabled: true },
        mutationId: idAt(92),
      }),
  )
  await call('users.list', async () => await users.list.query({}))
  await call('users.delete', async () => await users.delete.mutate({ id: grace.id, mutationId: idAt(93) }))
  await refused(
    'USER_UNKNOWN',
    'users.delete again',
    async () => await users.delete.mutate({ externalId: 'grace', mutationId: idAt(94) }),
  )
}
