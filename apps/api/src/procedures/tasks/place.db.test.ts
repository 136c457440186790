import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { orderOf } from '../../testing/order.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

async function createFive() {
  const caller = await newCaller(service)
  const { tasks } = await caller.client.tasks.createMany.mutate({
    tasks: ['a', 'b', 'c', 'd', 'e'].map((title) => ({ title })),
  })
  const [a, b, c, d, e] = tasks.map((task) => task.id) as [string, string, string, string, string]
  return { caller, client: caller.client, a, b, c, d, e }
}

test('a new task goes last without `after`, first for null, or after the named task', async () => {
  const { caller, client, a, b, c, d, e } = await createFive()
  const last = await client.tasks.create.mutate({ title: 'last' })
  const first = await client.tasks.create.mutate({ title: 'first', after: null })
  const afterB = await client.tasks.create.mutate({ title: 'after b', after: b })
  const afterBToo = await client.tasks.create.mutate({ title: 'after b too', after: b })
  expect(await orderOf(caller, null)).toEqual([first.id, a, b, afterBToo.id, afterB.id, c, d, e, last.id])
})

test('tasks of one call can go after each other and after existing tasks', async () => {
  const { caller, client, a, b, c, d, e } = await createFive()
  const ids = Array.from({ length: 9 }, () => randomUUID())
  const [p = '', q = '', r = '', s = '', t = '', u = '', v = '', w = '', x = ''] = ids
  await client.tasks.createMany.mutate({
    tasks: [
      { id: p, title: 'last' },
      { id: q, title: 'after the last existing task', after: e },
      { id: r, title: 'after q', after: q },
      { id: s, title: 'after q, before r', after: q },
      { id: t, title: 'first', after: null },
      { id: u, title: 'after p, which was last', after: p },
      { id: v, title: 'first, before t', after: null },
      { id: w, title: 'after the last existing task, before q', after: e },
      { id: x, title: 'last, after p and u' },
    ],
  })
  expect(await orderOf(caller, null)).toEqual([v, t, a, b, c, d, e, w, q, s, r, p, u, x])
})

test('an `after` that is not found is refused with its path, always with the same message', async () => {
  const { caller, client, a, b } = await createFive()
  const stranger = await newCaller(service)
  const foreign = await stranger.client.tasks.create.mutate({ title: 'foreign' })
  const list = await client.lists.create.mutate({ name: 'Elsewhere' })
  const elsewhere = await client.tasks.create.mutate({ title: 'elsewhere', listId: list.id })
  await client.tasks.delete.mutate({ id: b })
  const head = await headOf(caller)
  const later = randomUUID()
  const self = randomUUID()
  const missing = [randomUUID(), b, elsewhere.id, foreign.id]
  const calls = missing.flatMap((after) => [
    client.tasks.create.mutate({ title: 'x', after }),
    client.tasks.createMany.mutate({ tasks: [{ title: 'x' }, { title: 'x', after }] }),
    client.tasks.move.mutate({ id: a, after }),
  ])
  calls.push(
    client.tasks.create.mutate({ id: self, title: 'after itself', after: self }),
    client.tasks.createMany.mutate({
      tasks: [
        { title: 'after a later one', after: later },
        { id: later, title: 'x' },
      ],
    }),
    client.tasks.createMany.mutate({
      tasks: [
        { id: later, title: 'x', listId: list.id },
        { title: 'after one of another list', after: later },
      ],
    }),
    client.tasks.move.mutate({ id: a, listId: list.id, after: b }),
  )
  const errors = await Promise.all(calls.map(refused))
  const missingFields = errors.flatMap(({ fields = [] }) => fields)
  expect(new Set(missingFields.map(({ message }) => message)).size).toBe(1)
  expect(new Set(missingFields.map(({ path }) => path))).toEqual(new Set(['after', 'tasks.0.after', 'tasks.1.after']))
  expect(missingFields).toHaveLength(calls.length)
  expect(new Set(errors.map(({ appCode }) => appCode))).toEqual(new Set(['NOT_FOUND']))
  expect(await headOf(caller)).toBe(head)
})

test('a move within a list takes one revision, and its Change has only the position', async () => {
  const { caller, client, a, b, c, d, e } = await createFive()
  const before = await client.tasks.get.query({ id: b })
  const moved = await client.tasks.move.mutate({ id: b, after: d })
  expect(moved).toEqual({ ...before, position: moved.position, revision: 6, updatedAt: moved.updatedAt })
  expect(await orderOf(caller, null)).toEqual([a, c, d, b, e])
  const [change] = await changesAfter(caller, 5)
  expect(change).toMatchObject({ action: 'move', before: { position: before.position }, revision: 6, commit: 6 })
  expect(change?.after).toEqual({ position: moved.position })
  await client.tasks.move.mutate({ id: e, after: null })
  await client.tasks.move.mutate({ id: a })
  expect(await orderOf(caller, null)).toEqual([e, c, d, b, a])
})

test('a move to another list changes only the list and the position', async () => {
  const { caller, client, a, b, c, d, e } = await createFive()
  const list = await client.lists.create.mutate({ name: 'Elsewhere' })
  await client.tasks.move.mutate({ id: c, listId: list.id })
  await client.tasks.move.mutate({ id: a, listId: list.id, after: null })
  await client.tasks.move.mutate({ id: e, listId: list.id, after: a })
  expect(await orderOf(caller, list.id)).toEqual([a, e, c])
  expect(await orderOf(caller, null)).toEqual([b, d])
  const changes = await changesAfter(caller, 6)
  expect(changes.map(({ after }) => Object.keys(after ?? {}).toSorted())).toEqual(
    [1, 2, 3].map(() => ['listId', 'position']),
  )
  await client.tasks.move.mutate({ id: a, listId: null, after: b })
  expect(await orderOf(caller, null)).toEqual([b, a, d])
})

test('a move to the same position takes no revision', async () => {
  const { caller, client, a, b, e } = await createFive()
  const list = await client.lists.create.mutate({ name: 'Elsewhere' })
  const alone = await client.tasks.create.mutate({ title: 'alone', listId: list.id })
  const head = await headOf(caller)
  const moves = [
    { id: b, after: a },
    { id: a, after: null },
    { id: e },
    { id: e, listId: null },
    { id: alone.id },
    { id: alone.id, after: null },
    { id: alone.id, listId: list.id },
  ]
  for (const move of moves) {
    const before = await client.tasks.get.query({ id: move.id })
    expect(await client.tasks.move.mutate(move)).toEqual(before)
  }
  expect(await headOf(caller)).toBe(head)
})

test('a task cannot be placed after itself', async () => {
  const { client, a } = await createFive()
  const { fields } = await refused(client.tasks.move.mutate({ id: a, after: a }))
  expect(fields?.map((field) => field.path)).toEqual(['after'])
})

test('an unknown list is NOT_FOUND, and so is the id of the account', async () => {
  const { caller, client, a } = await createFive()
  for (const listId of [randomUUID(), caller.user.id])
    expect(await refused(client.tasks.move.mutate({ id: a, listId }))).toMatchObject({ appCode: 'NOT_FOUND' })
  expect(await headOf(caller)).toBe(5)
})
