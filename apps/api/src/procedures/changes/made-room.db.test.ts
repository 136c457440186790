import { randomUUID } from 'node:crypto'
import type { List, Page } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { type Caller, changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { orderOf } from '../../testing/order.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

/** Creates one after another until there is room to be made; gives what was created, in order. */
async function fill({ client }: Caller, after: string): Promise<string[]> {
  const made = []
  for (let nr = 0; nr < 240; nr++) made.unshift((await client.tasks.create.mutate({ title: `${nr}`, after })).id)
  return made
}

async function row(caller: Caller): Promise<[string, string, string]> {
  const tasks = ['a', 'b', 'c'].map((title) => ({ title }))
  const [a, b, c] = (await caller.client.tasks.createMany.mutate({ tasks })).tasks
  if (a === undefined || b === undefined || c === undefined) throw new Error('Three were created')
  return [a.id, b.id, c.id]
}

test('what the service moved to make room can be undone still: a move, a deletion, a creation', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [a, b, c] = await row(caller)
  const made = await client.tasks.create.mutate({ title: 'd', after: a })
  const gone = await client.tasks.delete.mutate({ id: b })
  const moved = await client.tasks.move.mutate({ id: c, after: a })
  const head = await headOf(caller)
  const filled = await fill(caller, a)
  const bySystem = (await changesAfter(caller, head)).filter(({ actor }) => actor.kind === 'system')
  expect(bySystem.map(({ entityId }) => entityId)).toEqual(expect.arrayContaining([c, made.id]))
  expect(await orderOf(caller, null)).toEqual([a, ...filled, c, made.id])

  await client.changes.revert.mutate({ revision: moved.revision })
  expect(await orderOf(caller, null)).toEqual([a, ...filled, made.id, c])
  await client.changes.revert.mutate({ revision: gone.revision })
  expect(await orderOf(caller, null)).toEqual([a, ...filled, made.id, b, c])
  await client.changes.revert.mutate({ revision: made.revision })
  expect(await orderOf(caller, null)).toEqual([a, ...filled, b, c])
})

test('those that go back to one spot go there in the order in which they stood', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  // In another order than that of their ids.
  const ids = Array.from({ length: 6 }, () => randomUUID())
    .toSorted()
    .toReversed()
  const { tasks } = await client.tasks.createMany.mutate({ tasks: ids.map((id) => ({ id, title: 'task' })) })
  expect(tasks.map(({ id }) => id)).toEqual(ids)
  const [a = '', b = '', ...others] = ids
  const gone = others.slice(0, 3)
  const { revision } = await client.tasks.bulk.mutate({ ids: gone, action: { type: 'delete' } })
  const filled = await fill(caller, a)
  await client.changes.revert.mutate({ revision })
  expect(await orderOf(caller, null)).toEqual([a, ...filled, b, ...others])
})

test('what somebody else has moved too is a conflict', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [a, b, c] = await row(caller)
  const moved = await client.tasks.move.mutate({ id: c, after: a })
  await client.tasks.move.mutate({ id: c, after: b })
  await client.tasks.move.mutate({ id: c, after: a })
  await fill(caller, a)
  await client.tasks.move.mutate({ id: c })
  expect(await refused(client.changes.revert.mutate({ revision: moved.revision }))).toMatchObject({
    appCode: 'REVISION_CONFLICT',
  })
})

test('the making of room is not undone: what it was made for would lose its place', async () => {
  const caller = await newCaller(service)
  const [a] = await row(caller)
  await fill(caller, a)
  const bySystem = (await changesAfter(caller, 0)).find(({ actor }) => actor.kind === 'system')
  const order = await orderOf(caller, null)
  const { revert } = caller.client.changes
  expect(await refused(revert.mutate({ revision: bySystem?.revision ?? 0 }))).toMatchObject({
    appCode: 'NOT_REVERTIBLE',
    message: expect.stringMatching(/made it by itself/),
  })
  expect(await orderOf(caller, null)).toEqual(order)
})

test('a place whose positions are used up takes nothing back', async () => {
  const caller = await newCaller(service)
  const { client, user } = caller
  const [a, b, c] = await row(caller)
  const { revision } = await client.tasks.delete.mutate({ id: a })
  const used = `80000000${'0'.repeat(503)}1`
  const place = async (id: string, position: string): Promise<unknown> =>
    await service.admin('update tw.tasks set position = $1 where space_id = $2 and id = $3', [position, user.id, id])
  await service.admin(
    "update tw.changes set before = before || jsonb_build_object('position', $1::text) where space_id = $2 and revision = $3",
    [used, user.id, revision],
  )
  await place(b, used)
  await place(c, `${used}1`)
  expect(await refused(client.changes.revert.mutate({ revision }))).toMatchObject({ appCode: 'LIMIT_EXCEEDED' })
})

/** The lists that have a letter for a name, in order. */
async function letters({ client }: Caller): Promise<string> {
  const names: string[] = []
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const page: Page<List> = await client.lists.list.query({ cursor, limit: 100 })
    names.push(...page.items.map(({ name }) => name))
    cursor = page.nextCursor
  }
  return names.filter((name) => /^[a-z]$/.test(name)).join('')
}

test('so it is with lists', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const create = async (name: string, after?: string): Promise<List> =>
    await client.lists.create.mutate({ name, after })
  const [a] = [await create('a'), await create('b')]
  const moved = await client.lists.update.mutate({ id: (await create('c')).id, changes: { after: a.id } })
  const made = await create('d', a.id)
  for (let nr = 0; nr < 240; nr++) await create(`${nr}`, a.id)
  expect((await changesAfter(caller, made.revision)).some(({ actor }) => actor.kind === 'system')).toBe(true)
  expect(await letters(caller)).toBe('adcb')
  await client.changes.revert.mutate({ revision: moved.revision })
  expect(await letters(caller)).toBe('adbc')
  await client.changes.revert.mutate({ revision: made.revision })
  expect(await letters(caller)).toBe('abc')
})
