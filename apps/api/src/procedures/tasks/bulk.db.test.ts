import { randomUUID } from 'node:crypto'
import type { BulkAction, Task } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { orderOf } from '../../testing/order.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

async function createFive(): Promise<{ caller: Caller; client: Caller['client']; tasks: Task[]; ids: string[] }> {
  const caller = await newCaller(service)
  const drafts = ['a', 'b', 'c', 'd', 'e'].map((title, at) => ({ title, complete: at > 2, tags: ['all'] }))
  const { tasks } = await caller.client.tasks.createMany.mutate({ tasks: drafts })
  return { caller, client: caller.client, tasks, ids: tasks.map(({ id }) => id) }
}

test('a bulk call by ids changes tasks in the order of the ids, in one commit, and counts only those that change', async () => {
  const { caller, client, ids } = await createFive()
  const chosen = [ids[4] ?? '', ids[0] ?? '', ids[3] ?? '', ids[1] ?? '']
  const { affected, tasks, revision } = await client.tasks.bulk.mutate({
    ids: chosen,
    action: { type: 'update', changes: { complete: true, tags: ['all'] } },
  })
  expect({ affected, revision }).toEqual({ affected: 2, revision: 7 })
  expect(tasks.map(({ id, revision }) => [id, revision])).toEqual([
    [ids[0], 6],
    [ids[1], 7],
  ])
  for (const task of tasks) expect(await client.tasks.get.query({ id: task.id })).toEqual(task)
  const changes = await changesAfter(caller, 5)
  expect(changes.map(({ action, commit, entityId }) => ({ action, commit, entityId }))).toEqual([
    { action: 'complete', commit: 7, entityId: ids[0] },
    { action: 'complete', commit: 7, entityId: ids[1] },
  ])
})

test('a bulk call by filter changes tasks in the order of creation', async () => {
  const { caller, client, ids } = await createFive()
  const filter = { complete: true }
  const { affected, tasks } = await client.tasks.bulk.mutate({ filter, action: { type: 'delete' }, maxAffected: 2 })
  expect(affected).toBe(2)
  expect(tasks.map(({ id }) => id)).toEqual(ids.slice(3))
  for (const task of tasks) expect(task.deletedAt).toBe(task.updatedAt)
  // A filter without `trash` leaves out the trash.
  expect(await client.tasks.bulk.mutate({ filter, action: { type: 'restore' }, maxAffected: 9 })).toEqual({
    affected: 0,
    tasks: [],
    revision: 7,
  })
  const inTrash = { ...filter, trash: 'only' as const }
  expect(
    (await client.tasks.bulk.mutate({ filter: inTrash, action: { type: 'restore' }, maxAffected: 9 })).affected,
  ).toBe(2)
  expect(await orderOf(caller, null)).toEqual(ids)
})

test('a move appends the tasks in the order of the ids; tasks that are in the list already stay', async () => {
  const { caller, client, ids } = await createFive()
  const [a = '', b = '', c = '', d = '', e = ''] = ids
  const list = await client.lists.create.mutate({ name: 'Home' })
  await client.tasks.move.mutate({ id: c, listId: list.id })
  const moved = await client.tasks.bulk.mutate({ ids: [e, c, a], action: { type: 'move', listId: list.id } })
  expect(moved.affected).toBe(2)
  expect(await orderOf(caller, list.id)).toEqual([c, e, a])
  await client.tasks.bulk.mutate({ ids: [d, a, c, b], action: { type: 'move', listId: null } })
  expect(await orderOf(caller, null)).toEqual([b, d, a, c])
})

test('a restore appends each task to its own list', async () => {
  const { caller, client, ids } = await createFive()
  const [a = '', b = '', c = '', d = '', e = ''] = ids
  const list = await client.lists.create.mutate({ name: 'Home' })
  await client.tasks.bulk.mutate({ ids: [a, b], action: { type: 'move', listId: list.id } })
  await client.tasks.bulk.mutate({ ids: [a, c, d], action: { type: 'delete' } })
  const { affected } = await client.tasks.bulk.mutate({ ids: [d, a, e, c], action: { type: 'restore' } })
  expect(affected).toBe(3)
  expect(await orderOf(caller, null)).toEqual([e, d, c])
  expect(await orderOf(caller, list.id)).toEqual([b, a])
})

const actions: BulkAction[] = [
  { type: 'update', changes: { title: 'x', due: { date: '2026-01-01' } } },
  { type: 'complete', complete: true },
  { type: 'move', listId: null },
  { type: 'delete' },
  { type: 'restore' },
  { type: 'purge' },
]
for (const action of actions) {
  test(`${action.type}: nothing changes if one id is unknown`, async () => {
    const { caller, client, ids } = await createFive()
    for (const dryRun of [true, false]) {
      const call = client.tasks.bulk.mutate({ ids: [...ids, randomUUID(), randomUUID()], action, dryRun })
      expect(await refused(call)).toMatchObject({ appCode: 'NOT_FOUND', fields: [{ path: 'ids.5' }] })
    }
    expect(await headOf(caller)).toBe(5)
  })

  test(`${action.type}: a dry run returns what would change, and changes and records nothing`, async () => {
    const { caller, client, ids } = await createFive()
    const list = await client.lists.create.mutate({ name: 'Home' })
    const [first = '', second = ''] = ids
    if (action.type === 'restore') await client.tasks.bulk.mutate({ ids: [first, second], action: { type: 'delete' } })
    if (action.type === 'move')
      await client.tasks.bulk.mutate({ ids: [first, second], action: { type: 'move', listId: list.id } })
    const head = await headOf(caller)
    const filter = { search: 'a', trash: 'with' as const }
    for (const chosen of [{ ids: [first] }, { filter, maxAffected: 1 }]) {
      const now = await client.tasks.get.query({ id: first })
      const input = { ...chosen, action, mutationId: randomUUID() }
      const dry = await client.tasks.bulk.mutate({ ...input, dryRun: true })
      expect(dry).toEqual({ affected: 1, tasks: [now], revision: head })
      expect(await client.tasks.get.query({ id: first })).toEqual(now)
      // The same mutation id with another payload: it would be refused if the dry run had been recorded.
      if (chosen.ids === undefined) expect((await client.tasks.bulk.mutate(input)).affected).toBe(1)
    }
    expect(await headOf(caller)).toBe(head + 1)
  })

  test(`${action.type}: a call that matches no task takes no revision`, async () => {
    const { caller, client } = await createFive()
    const filter = { search: 'nowhere' }
    const done = await client.tasks.bulk.mutate({ filter, action, maxAffected: 1 })
    expect(done).toEqual({ affected: 0, tasks: [], revision: 5 })
    expect(await headOf(caller)).toBe(5)
  })
}

test('a move to an unknown list is NOT_FOUND, even as a dry run or without matching tasks', async () => {
  const { caller, client, ids } = await createFive()
  for (const listId of [randomUUID(), caller.user.id]) {
    const action = { type: 'move' as const, listId }
    const none = { filter: { search: 'nowhere' }, maxAffected: 1 }
    for (const chosen of [{ ids }, none])
      for (const dryRun of [true, false])
        expect(await refused(client.tasks.bulk.mutate({ ...chosen, action, dryRun }))).toMatchObject({
          appCode: 'NOT_FOUND',
          fields: [{ path: 'action.listId', message: expect.stringContaining('lists.list') as string }],
        })
  }
})

test('complete counts only tasks that change, and refuses tasks in the trash', async () => {
  const { client, ids } = await createFive()
  const action = { type: 'complete', complete: true } as const
  const done = await client.tasks.bulk.mutate({ ids, action })
  expect(done.affected).toBe(3)
  for (const { completedAt, updatedAt } of done.tasks) expect(completedAt).toBe(updatedAt)
  const filter = { complete: true }
  const open = { type: 'complete', complete: false } as const
  expect(await client.tasks.bulk.mutate({ filter, action: open, maxAffected: 9 })).toMatchObject({ affected: 5 })
  expect(await client.tasks.count.query({})).toMatchObject({ open: 5, complete: 0 })
  const trashed = await client.tasks.delete.mutate({ id: ids[2] ?? '' })
  expect(await refused(client.tasks.bulk.mutate({ ids, action }))).toMatchObject({
    appCode: 'IN_TRASH',
    current: trashed,
  })
  expect(await client.tasks.count.query({})).toMatchObject({ open: 4, complete: 0 })
})

test('the trash alone is enough of a filter to restore and to purge', async () => {
  const { client, ids } = await createFive()
  const [a = '', b = '', c = ''] = ids
  const filter = { trash: 'only' as const }
  await client.tasks.bulk.mutate({ ids: [a, b], action: { type: 'delete' } })
  const restored = await client.tasks.bulk.mutate({ filter, action: { type: 'restore' }, maxAffected: 9 })
  expect(restored.tasks.map(({ id }) => id)).toEqual([a, b])
  await client.tasks.bulk.mutate({ ids: [b, c], action: { type: 'delete' } })
  expect(await client.tasks.bulk.mutate({ filter, action: { type: 'purge' }, maxAffected: 9 })).toMatchObject({
    affected: 2,
  })
  expect(await client.tasks.count.query({ filter: { trash: 'with' } })).toMatchObject({ total: 3 })
})
