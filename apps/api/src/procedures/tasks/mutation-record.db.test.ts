import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, headOf, newCaller, refused } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

/** Makes the records of the user's mutations older. */
async function age({ user }: Caller, interval: string): Promise<void> {
  await service.admin(`update tw.mutations set at = at - $2::interval where space_id = $1`, [user.id, interval])
}

test('a reply is kept for 24 hours; then a replay is MUTATION_APPLIED, and changes nothing', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const mutationId = randomUUID()
  const task = await client.tasks.create.mutate({ title: 'a', mutationId })
  const noOp = { id: task.id, changes: { title: 'a' }, mutationId: randomUUID() }
  await client.tasks.create.mutate({ title: 'b' })
  await client.tasks.update.mutate(noOp)
  await client.tasks.create.mutate({ title: 'c' })

  await age(caller, '23 hours 59 minutes')
  expect(await client.tasks.create.mutate({ title: 'a', mutationId })).toEqual(task)
  await age(caller, '2 minutes')
  const applied = { appCode: 'MUTATION_APPLIED', httpStatus: 409, retryable: false }
  expect(await refused(client.tasks.create.mutate({ title: 'a', mutationId }))).toMatchObject({
    ...applied,
    revision: 1,
  })
  // The mutation took no revision: this is the head when it was applied.
  expect(await refused(client.tasks.update.mutate(noOp))).toMatchObject({ ...applied, revision: 2 })
  // The hash of its payload is still kept.
  const other = client.tasks.create.mutate({ title: 'other', mutationId })
  expect(await refused(other)).toMatchObject({ appCode: 'MUTATION_ID_REUSED' })
  expect(await headOf(caller)).toBe(3)
})

test('a replay is MUTATION_APPLIED after the reply was swept, and after 30 days the id is free', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const mutationId = randomUUID()
  await client.tasks.create.mutate({ title: 'a', mutationId })
  const sweep = async (): Promise<unknown> => await service.admin('select tw.sweep(90, 1000)')
  await age(caller, '25 hours')
  await sweep()
  const repeat = async (): Promise<unknown> => await client.tasks.create.mutate({ title: 'a', mutationId })
  expect(await refused(repeat())).toMatchObject({ appCode: 'MUTATION_APPLIED', revision: 1 })
  await age(caller, '28 days')
  await sweep()
  expect(await refused(repeat())).toMatchObject({ appCode: 'MUTATION_APPLIED', revision: 1 })
  await age(caller, '2 days')
  await sweep()
  expect(await repeat()).toMatchObject({ title: 'a', revision: 2 })
})

test('a refusal is not recorded: the mutation can be sent again with the same id until it succeeds', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const mutationId = randomUUID()
  const id = randomUUID()
  const update = async (expectedRevision: number): Promise<unknown> =>
    await client.tasks.update.mutate({ id, changes: { title: 'b' }, expectedRevision, mutationId })
  expect(await refused(update(1))).toMatchObject({ appCode: 'NOT_FOUND' })
  await client.tasks.create.mutate({ id, title: 'a' })
  expect(await refused(update(9))).toMatchObject({ appCode: 'REVISION_CONFLICT' })
  await client.tasks.delete.mutate({ id })
  expect(await refused(update(2))).toMatchObject({ appCode: 'IN_TRASH' })
  await client.tasks.restore.mutate({ id })
  // Nor is the payload of the refused call recorded.
  const other = { ids: [id, randomUUID()], action: { type: 'delete' as const }, mutationId }
  expect(await refused(client.tasks.bulk.mutate(other))).toMatchObject({ appCode: 'NOT_FOUND' })
  const done = await update(3)
  expect(done).toMatchObject({ title: 'b', revision: 4 })
  expect(await update(1)).toEqual(done)
  expect(await refused(client.tasks.bulk.mutate(other))).toMatchObject({ appCode: 'MUTATION_ID_REUSED' })
})

test('a replay returns the first reply, even if its rows have been deleted', async () => {
  const { client } = await newCaller(service)
  const list = await client.lists.create.mutate({ name: 'Home' })
  const [sibling, self] = (await client.tasks.createMany.mutate({ tasks: [{ title: 'a' }, { title: 'b' }] })).tasks
  const ids = Array.from({ length: 5 }, () => randomUUID()) as [string, string, string, string, string]
  const id = self?.id ?? ''
  const calls = [
    async () => await client.tasks.create.mutate({ title: 'c', listId: list.id, after: null, mutationId: ids[0] }),
    async () => await client.tasks.create.mutate({ title: 'd', after: sibling?.id, mutationId: ids[1] }),
    async () => await client.tasks.move.mutate({ id, after: sibling?.id, mutationId: ids[2] }),
    async () => await client.tasks.update.mutate({ id, changes: { title: 'e' }, mutationId: ids[3] }),
    async () =>
      await client.tasks.bulk.mutate({ ids: [id], action: { type: 'move', listId: list.id }, mutationId: ids[4] }),
  ]
  const first: unknown[] = []
  for (const call of calls) first.push(await call())
  await client.lists.delete.mutate({ id: list.id, tasks: 'inbox' })
  await client.tasks.delete.mutate({ id: sibling?.id ?? '' })
  await client.tasks.delete.mutate({ id })
  await client.tasks.purge.mutate({ id: sibling?.id ?? '' })
  for (const [at, call] of calls.entries()) expect(await call()).toEqual(first[at])
})

test('without a mutationId nothing is recorded, and each call takes effect', async () => {
  const caller = await newCaller(service)
  for (let nr = 0; nr < 3; nr++) await caller.call('tasks.create', { title: 'same' })
  expect(await headOf(caller)).toBe(3)
  const [row] = await service.admin('select count(*)::int as n from tw.mutations where space_id = $1', [caller.user.id])
  expect(row).toEqual({ n: 0 })
})
