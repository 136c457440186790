import { type Client, signIn, signUp } from '@taskwire/client'
import { idAt } from './ids.ts'
import type { Recorder } from './recorder.ts'

/** Records a refusal with every code of the contract. For codes of the service's own faults, causes these faults. */
export async function recordRefusals(recorder: Recorder, ada: Client, token: string): Promise<void> {
  const { call, refused } = recorder
  const task = await call('a task', async () => await ada.tasks.create.mutate({ title: 'One', mutationId: idAt(70) }))
  const { id, revision } = task
  await refused(
    'VALIDATION',
    'VALIDATION',
    async () => await ada.tasks.create.mutate({ title: '', due: { date: '2030-02-30' }, mutationId: idAt(71) }),
  )
  await refused(
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
    async () => await recorder.client({ token: 'no such token at all' }).me.get.query(),
  )
  await refused('NOT_FOUND', 'NOT_FOUND', async () => await ada.tasks.get.query({ id: idAt(72) }))
  await refused('NOT_FOUND', 'NOT_FOUND: a space', async () => await ada.in(idAt(72)).lists.list.query({}))
  await call(
    'a change',
    async () => await ada.tasks.update.mutate({ id, changes: { title: 'Two' }, mutationId: idAt(73) }),
  )
  await refused(
    'REVISION_CONFLICT',
    'REVISION_CONFLICT',
    async () =>
      await ada.tasks.update.mutate({
        id,
        changes: { title: 'Three' },
        expectedRevision: revision,
        mutationId: idAt(74),
      }),
  )
  await refused(
    'ALREADY_EXISTS',
    'ALREADY_EXISTS',
    async () => await ada.lists.create.mutate({ name: 'HOUSE', mutationId: idAt(75) }),
  )
  await refused(
    'MUTATION_ID_REUSED',
    'MUTATION_ID_REUSED',
    async () => await ada.tasks.create.mutate({ title: 'Other', mutationId: idAt(70) }),
  )
  await refused(
    'LIMIT_EXCEEDED',
    'LIMIT_EXCEEDED',
    async () =>
      await ada.tasks.bulk.mutate({
        filter: { trash: 'with', complete: false },
        action: { type: 'delete' },
        maxAffected: 1,
        mutationId: idAt(76),
      }),
  )
  await refused('RESYNC_REQUIRED', 'RESYNC_REQUIRED', async () => await ada.changes.list.query({ after: 1_000_000 }))
  await call('a task in the trash', async () => await ada.tasks.delete.mutate({ id, mutationId: idAt(77) }))
  await refused('IN_TRASH', 'IN_TRASH', async () => await ada.tasks.complete.mutate({ id, mutationId: idAt(78) }))
  const purged = await call('a purged task', async () => await ada.tasks.purge.mutate({ id, mutationId: idAt(79) }))
  await refused(
    'NOT_REVERTIBLE',
    'NOT_REVERTIBLE',
    async () => await ada.changes.revert.mutate({ revision: purged.revision, mutationId: idAt(80) }),
  )
  await recordRawRefusals(recorder, token)
  await recordSituations(recorder, ada)
}

async function recordRawRefusals({ send, refused, fetch }: Recorder, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'x-request-id': 'as-the-caller-says' }
  await send('CONTRACT_MISMATCH: no such procedure', '/trpc/tasks.shuffle', { headers })
  await send('CONTRACT_MISMATCH: another major', '/trpc/lists.list', {
    headers: { ...headers, 'x-taskwire-contract': '999.0.0' },
  })
  await send('a query without a batch', '/trpc/lists.list', { headers })
  await send('a mutation without a batch', '/trpc/tasks.create', {
    method: 'POST',
    headers,
    body: { title: 'Plain', mutationId: idAt(81) },
  })
  await send('VALIDATION: an unknown field', '/trpc/tasks.create', {
    method: 'POST',
    headers,
    body: { title: 'Plain', colour: 'red' },
  })
  await send('VALIDATION: a query by POST', '/trpc/lists.list', { method: 'POST', headers, body: {} })
  await send('NOT_FOUND: a page', '/nothing', { headers })
  const who = { url: 'http://service', fetch, email: 'ada@example.com' }
  await refused(
    'UNAUTHENTICATED',
    'sign-in with a wrong password',
    async () => await signIn({ ...who, password: 'wrong horse battery' }),
  )
  await refused(
    'ALREADY_EXISTS',
    'sign-up again',
    async () => await signUp({ ...who, password: 'correct horse battery', name: 'Ada', timeZone: 'UTC' }),
  )
}

async function recordSituations(recorder: Recorder, ada: Client): Promise<void> {
  const { refused, call, during } = recorder
  await during('limited', async () => {
    await call('the last call of a minute', async () => await ada.lists.list.query({}))
    await refused('RATE_LIMITED', 'RATE_LIMITED', async () => await ada.lists.list.query({}))
  })
  const calls = { broken: 'INTERNAL', locked: 'OVERLOADED', slow: 'TIMEOUT', disconnected: 'UNAVAILABLE' } as const
  // The keys are names of situations.
  for (const [situation, appCode] of Object.entries(calls) as [keyof typeof calls, string][])
    await during(situation, async () => await refused(appCode, appCode, async () => await ada.lists.list.query({})))
}
