import { randomUUID } from 'node:crypto'
import type { List, Page } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { type Caller, changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { orderOf } from '../../testing/order.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

/** Creates tasks after a task until the service rebalances; returns their ids, in order. */
async function forceRebalance({ client }: Caller, after: string): Promise<string[]> {
  const ids = []
  for (let nr = 0; nr < 240; nr++) ids.unshift((await client.tasks.create.mutate({ title: `${nr}`, after })).id)
  return ids
}

async function createThree(caller: Caller): Promise<[string, string, string]> {
  const tasks = ['a', 'b', 'c'].map((title) => ({ title }))
  const [a, b, c] = (await caller.client.tasks.createMany.mutate({ tasks })).tasks
  if (a === undefined || b === undefined || c === undefined) throw new Error('Three were created')
  return [a.id, b.id, c.id]
}

test('a move, a deletion and a creation can be undone after a rebalance', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [a, b, c] = await createThree(caller)
  const created = await client.tasks.create.mutate({ title: 'd', after: a })
  const deleted = await client.tasks.delete.mutate({ id: b })
  const moved = await client.tasks.move.mutate({ id: c, after: a })
  const head = await headOf(caller)
  const filled = await forceRebalance(caller, a)
  const bySystem = (await changesAfter(caller, head)).filter(({ actor }) => actor.kind === 'system')
  expect(bySystem.map(({ entityId }) => entityId)).toEqual(expect.arrayContaining([c, created.id]))
  expect(await orderOf(caller, null)).toEqual([a, ...filled, c, created.id])

  await client.changes.revert.mutate({ revision: moved.revision })
  expect(await orderOf(caller, null)).toEqual([a, ...filled, created.id, c])
  await client.changes.revert.mutate({ revision: deleted.revision })
  expect(await orderOf(caller, null)).toEqual([a, ...filled, created.id, b, c])
  await client.changes.revert.mutate({ revision: created.revision })
  expect(await orderOf(caller, null)).toEqual([a, ...filled, b, c])
})

test('tasks that return to one position keep their order', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  // The order of creation is the reverse of the order of the ids.
  const ids = Array.from({ length: 6 }, () => randomUUID())
    .toSorted()
    .toReversed()
  const { tasks } = await client.tasks.createMany.mutate({ tasks: ids.map((id) => ({ id, title: 'task' })) })
  expect(tasks.map(({ id }) => id)).toEqual(ids)
  const [a = '', b = '', ...others] = ids
  const deleted = others.slice(0, 3)
  const { revision } = await client.tasks.bulk.mutate({ ids: deleted, action: { type: 'delete' } })
  const filled = await forceRebalance(caller, a)
  await client.changes.revert.mutate({ revision })
  expect(await orderOf(caller, null)).toEqual([a, ...filled, b, ...others])
})

test('reverting a move is a conflict if a user has moved the task since', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [a, b, c] = await createThree(caller)
  const moved = await client.tasks.move.mutate({ id: c, after: a })
  await client.tasks.move.mutate({ id: c, after: b })
  await client.tasks.move.mutate({ id: c, after: a })
  await forceRebalance(caller, a)
  await client.tasks.move.mutate({ id: c })
  expect(await refused(client.changes.revert.mutate({ revision: moved.revision }))).toMatchObject({
    appCode: 'REVISION_CONFLICT',
  })
})

test('a rebalance is not revertible: the task that it was made for would lose its position', async () => {
  const caller = await newCaller(service)
  const [a] = await createThree(caller)
  await forceRebalance(caller, a)
  const bySystem = (await changesAfter(caller, 0)).find(({ actor }) => actor.kind === 'system')
  const order = await orderOf(caller, null)
  const { revert } = caller.client.changes
  expect(await refused(revert.mutate({ revision: bySystem?.revision ?? 0 }))).toMatchObject({
    appCode: 'NOT_REVERTIBLE',
    message: expect.stringMatching(/when it rebalanced/),
  })
  expect(await orderOf(caller, null)).toEqual(order)
})

test('reverting a deletion is refused where no position is left for the task', async () => {
  const caller = await newCaller(service)
  const { client, user } = caller
  const [a, b, c] = await createThree(caller)
  const { revision } = await client.tasks.delete.mutate({ id: a })
  const used = `80000000${'0'.repeat(503)}1`
  const setPosition = async (id: string, position: string): Promise<unknown> =>
    await service.admin('update tw.tasks set position = $1 where space_id = $2 and id = $3', [position, user.id, id])
  await service.admin(
    "update tw.changes set before = before || jsonb_build_object('position', $1::text) where space_id = $2 and revision = $3",
    [used, user.id, revision],
  )
  await setPosition(b, used)
  await setPosition(c, `${used}1`)
  expect(await refused(client.changes.revert.mutate({ revision }))).toMatchObject({ appCode: 'LIMIT_EXCEEDED' })
})

/** Returns the names of one letter, in the order of their lists. */
async function letterNames({ client }: Caller): Promise<string> {
  const names: string[] = []
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const page: Page<List> = await client.lists.list.query({ cursor, limit: 100 })
    names.push(...page.items.map(({ name }) => name))
    cursor = page.nextCursor
  }
  return names.filter((name) => /^[a-z]$/.test(name)).join('')
}

test('moves and creations of lists can be undone after a rebalance', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const create = async (name: string, after?: string): Promise<List> =>
    await client.lists.create.mutate({ name, after })
  const [a] = [await create('a'), await create('b')]
  const moved = await client.lists.update.mutate({ id: (await create('c')).id, changes: { after: a.id } })
  const created = await create('d', a.id)
  for (let nr = 0; nr < 240; nr++) await create(`${nr}`, a.id)
  expect((await changesAfter(caller, created.revision)).some(({ actor }) => actor.kind === 'system')).toBe(true)
  expect(await letterNames(caller)).toBe('adcb')
  await client.changes.revert.mutate({ revision: moved.revision })
  expect(await letterNames(caller)).toBe('adbc')
  await client.changes.revert.mutate({ revision: created.revision })
  expect(await letterNames(caller)).toBe('abc')
})
