import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { orderOf } from '../../testing/order.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

async function createThree() {
  const caller = await newCaller(service)
  const { tasks } = await caller.client.tasks.createMany.mutate({ tasks: ['a', 'b', 'c'].map((title) => ({ title })) })
  const [a, b, c] = tasks.map(({ id }) => id) as [string, string, string]
  return { caller, client: caller.client, tasks, a, b, c }
}

test('delete and restore log one Change each, and a restored task is last in its list', async () => {
  const { caller, client, tasks, a, b, c } = await createThree()
  const deleted = await client.tasks.delete.mutate({ id: a })
  expect(deleted).toEqual({ ...tasks[0], deletedAt: deleted.updatedAt, revision: 4, updatedAt: deleted.updatedAt })
  expect(await client.tasks.get.query({ id: a })).toEqual(deleted)
  const restored = await client.tasks.restore.mutate({ id: a })
  expect(restored).toEqual({ ...tasks[0], position: restored.position, revision: 5, updatedAt: restored.updatedAt })
  expect(await orderOf(caller, null)).toEqual([b, c, a])
  const changes = await changesAfter(caller, 3)
  expect(changes.map(({ action, before, after }) => ({ action, before, after }))).toEqual([
    { action: 'delete', before: { deletedAt: null }, after: { deletedAt: deleted.deletedAt } },
    {
      action: 'restore',
      before: { deletedAt: deleted.deletedAt, position: deleted.position },
      after: { deletedAt: null, position: restored.position },
    },
  ])
})

test('deleting a task in the trash, and restoring one outside it, takes no revision', async () => {
  const { caller, client, tasks, a, b } = await createThree()
  const deleted = await client.tasks.delete.mutate({ id: a })
  expect(await client.tasks.delete.mutate({ id: a })).toEqual(deleted)
  expect(await client.tasks.restore.mutate({ id: b })).toEqual(tasks[1])
  expect(await headOf(caller)).toBe(4)
})

test('a task in the trash cannot be updated, completed or moved, and the refusal contains it', async () => {
  const { caller, client, a, b } = await createThree()
  const current = await client.tasks.delete.mutate({ id: a })
  const calls = [
    client.tasks.update.mutate({ id: a, changes: { title: 'x' } }),
    client.tasks.update.mutate({ id: a, changes: { title: 'a' } }),
    client.tasks.update.mutate({ id: a, changes: { title: 'x' }, expectedRevision: 1 }),
    client.tasks.complete.mutate({ id: a }),
    client.tasks.complete.mutate({ id: a, complete: false }),
    client.tasks.move.mutate({ id: a, after: null }),
    client.tasks.move.mutate({ id: a, listId: randomUUID() }),
    client.tasks.move.mutate({ id: a, after: randomUUID() }),
    client.tasks.bulk.mutate({ ids: [b, a], action: { type: 'update', changes: { title: 'x' } } }),
    client.tasks.bulk.mutate({ ids: [b, a], action: { type: 'move', listId: null } }),
  ]
  for (const error of await Promise.all(calls.map(refused)))
    expect(error).toMatchObject({ appCode: 'IN_TRASH', httpStatus: 409, current })
  expect(await headOf(caller)).toBe(4)
})

test('list, count and search leave out the trash by default', async () => {
  const { client, a, b, c } = await createThree()
  await client.tasks.delete.mutate({ id: b })
  const ids = async (trash?: 'without' | 'only' | 'with'): Promise<string[]> => {
    const filter = { trash }
    const { items } = await client.tasks.list.query({ filter, sort: { by: 'title', direction: 'asc' } })
    expect((await client.tasks.count.query({ filter })).total).toBe(items.length)
    return items.map(({ id }) => id)
  }
  expect(await ids()).toEqual([a, c])
  expect(await ids('without')).toEqual([a, c])
  expect(await ids('only')).toEqual([b])
  expect(await ids('with')).toEqual([a, b, c])
  expect((await client.tasks.list.query({ filter: { search: 'b' } })).items).toEqual([])
})

test('a task in the trash keeps its list, and is restored to it', async () => {
  const { caller, client, a, b } = await createThree()
  const list = await client.lists.create.mutate({ name: 'Home' })
  await client.tasks.move.mutate({ id: a, listId: list.id })
  await client.tasks.move.mutate({ id: b, listId: list.id })
  await client.tasks.delete.mutate({ id: a })
  expect((await client.tasks.restore.mutate({ id: a })).listId).toBe(list.id)
  expect(await orderOf(caller, list.id)).toEqual([b, a])
})

test('the position of a task in the trash can be taken by another', async () => {
  const { caller, client, a, b, c } = await createThree()
  await client.tasks.delete.mutate({ id: c })
  const { id } = await client.tasks.create.mutate({ title: 'd' })
  await client.tasks.delete.mutate({ id: b })
  const between = await client.tasks.create.mutate({ title: 'e', after: a })
  await client.tasks.restore.mutate({ id: c })
  await client.tasks.restore.mutate({ id: b })
  expect(await orderOf(caller, null)).toEqual([a, between.id, id, c, b])
})
