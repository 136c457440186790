import { type Client, signIn, signOut, signUp } from '@taskwire/client'
import { idAt } from './ids.ts'
import type { Recorder } from './recorder.ts'
import type { ServiceKeys } from './service-keys.ts'
import { recordRefusals } from './session-refusals.ts'
import { recordTasks } from './session-tasks.ts'
import { recordUsers } from './session-users.ts'

const PASSWORD = 'correct horse battery'

/** Records a call of every procedure, and a refusal with every code. */
export async function recordSession(recorder: Recorder, serviceUrl: string, keys: ServiceKeys): Promise<void> {
  const { fetch } = recorder
  const who = { url: serviceUrl, fetch, email: 'ada@example.com', password: PASSWORD }
  await recorder.send('alive', '/health/live')
  await recorder.send('ready', '/health/ready')
  const { token, user } = await recorder.call(
    'sign-up',
    async () => await signUp({ ...who, name: 'Ada', timeZone: 'Europe/Berlin' }),
  )
  const ada = recorder.client({ token })
  await recordAccount(recorder, ada)
  await recordTasks(recorder, ada)
  await recordKeys(recorder, ada, user.id, keys['service key'])
  await recordUsers(recorder, recorder.client({ token: keys['users key'] }))
  await recordRefusals(recorder, ada, token)
  const { token: second } = await recorder.call('sign-in', async () => await signIn(who))
  await recorder.call('sign-out', async () => await signOut({ url: serviceUrl, fetch, token: second }))
  await recorder.refused(
    'UNAUTHENTICATED',
    'a session that has ended',
    async () => await recorder.client({ token: second }).me.get.query(),
  )
  await recorder.call('me.export', async () => await ada.me.export.query({}))
  await recorder.call('me.delete', async () => await ada.me.delete.mutate({ mutationId: idAt(99) }))
}

async function recordAccount(recorder: Recorder, ada: Client): Promise<void> {
  await recorder.call('system.health', async () => await ada.system.health.query())
  await recorder.call('system.contract', async () => await ada.system.contract.query())
  await recorder.call('me.get', async () => await ada.me.get.query())
  await recorder.call('me.update', async () => await ada.me.update.mutate({ name: 'Ada L.', mutationId: idAt(1) }))
  await recorder.call(
    'me.update of the zone',
    async () => await ada.me.update.mutate({ timeZone: 'Asia/Tokyo', mutationId: idAt(2) }),
  )
}

async function recordKeys(recorder: Recorder, ada: Client, userId: string, serviceKey: string): Promise<void> {
  const { key, secret } = await recorder.call(
    'keys.create',
    async () =>
      await ada.keys.create.mutate({
        name: 'reader',
        scopes: ['tasks:read'],
        expiresAt: '2099-01-01T00:00:00.000Z',
        mutationId: idAt(3),
      }),
  )
  await recorder.call(
    'keys.create for a space',
    async () =>
      await ada.keys.create.mutate({ name: 'writer', scopes: ['tasks:write'], spaceId: userId, mutationId: idAt(4) }),
  )
  await recorder.call('keys.list', async () => await ada.keys.list.query({}))
  await recorder.call('a page of keys', async () => await ada.keys.list.query({ limit: 1 }))
  const reader = recorder.client({ token: secret })
  await recorder.call('a key reads', async () => await reader.tasks.count.query({}))
  await recorder.refused(
    'FORBIDDEN',
    'a key that may not write',
    async () => await reader.tasks.create.mutate({ title: 'x', mutationId: idAt(5) }),
  )
  await recorder.refused(
    'MUTATION_APPLIED',
    'keys.create again',
    async () =>
      await ada.keys.create.mutate({
        name: 'reader',
        scopes: ['tasks:read'],
        expiresAt: '2099-01-01T00:00:00.000Z',
        mutationId: idAt(3),
      }),
  )
  await recorder.call('keys.revoke', async () => await ada.keys.revoke.mutate({ id: key.id, mutationId: idAt(6) }))
  await recorder.refused('UNAUTHENTICATED', 'a revoked key', async () => await reader.tasks.count.query({}))
  const backend = recorder.client({ token: serviceKey, actingAs: userId })
  await recorder.call(
    'a service acts for a user',
    async () => await backend.tasks.create.mutate({ title: 'by a service', mutationId: idAt(7) }),
  )
  await recorder.call('a service reads', async () => await backend.in(userId).lists.list.query({}))
  await recorder.refused(
    'USER_UNKNOWN',
    'a user whom nobody knows',
    async () => await recorder.client({ token: serviceKey, actingAs: idAt(8) }).lists.list.query({}),
  )
}
