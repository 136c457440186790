import type { List, Task } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { type Caller, changesAfter, headOf, newCaller } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

interface Environment {
  caller: Caller
  list: List
  other: List
  /** A task in `list`, one in the inbox and one in the trash. */
  listed: Task
  inbox: Task
  trashed: Task
}

async function createEnvironment(): Promise<Environment> {
  const caller = await newCaller(service)
  const { client } = caller
  const list = await client.lists.create.mutate({ name: 'List' })
  const other = await client.lists.create.mutate({ name: 'Other' })
  const listed = await client.tasks.create.mutate({
    title: 'listed',
    description: 'two\nlines',
    listId: list.id,
    complete: true,
    priority: 'high',
    tags: ['Straße', 'b'],
    due: { date: '2027-03-28', time: '02:30', timeZone: 'Europe/Berlin' },
  })
  await client.tasks.create.mutate({ title: 'beside', listId: list.id })
  const inbox = await client.tasks.create.mutate({ title: 'inbox', tags: ['b'], due: { date: '2027-01-01' } })
  await client.tasks.create.mutate({ title: 'last' })
  const { id } = await client.tasks.create.mutate({ title: 'trashed', listId: list.id })
  const trashed = await client.tasks.delete.mutate({ id })
  return { caller, list, other, listed, inbox, trashed }
}

/** Returns all lists and tasks, without the fields that every change sets. */
async function state({ client }: Caller): Promise<unknown> {
  const { items: lists } = await client.lists.list.query({})
  const { items: tasks } = await client.tasks.list.query({ filter: { trash: 'with' }, limit: 100 })
  return [...lists, ...tasks]
    .map(({ revision: _revision, updatedAt: _updatedAt, ...row }) => row)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

type Mutation = (environment: Environment) => Promise<unknown>
const commits: Record<string, Mutation> = {
  'tasks.update of every field': async ({ caller: { client }, listed }) =>
    await client.tasks.update.mutate({
      id: listed.id,
      changes: { title: 'x', description: null, complete: false, priority: 'none', tags: [], due: null },
    }),
  'tasks.complete': async ({ caller: { client }, inbox }) => await client.tasks.complete.mutate({ id: inbox.id }),
  'tasks.complete, opening again': async ({ caller: { client }, listed }) =>
    await client.tasks.complete.mutate({ id: listed.id, complete: false }),
  'tasks.move within its list': async ({ caller: { client }, inbox }) =>
    await client.tasks.move.mutate({ id: inbox.id }),
  'tasks.move to a list': async ({ caller: { client }, inbox, list }) =>
    await client.tasks.move.mutate({ id: inbox.id, listId: list.id, after: null }),
  'tasks.move to the inbox': async ({ caller: { client }, listed }) =>
    await client.tasks.move.mutate({ id: listed.id, listId: null }),
  'tasks.delete': async ({ caller: { client }, listed }) => await client.tasks.delete.mutate({ id: listed.id }),
  'tasks.bulk update': async ({ caller: { client }, inbox, listed }) =>
    await client.tasks.bulk.mutate({
      ids: [inbox.id, listed.id],
      action: { type: 'update', changes: { tags: ['new'], complete: true } },
    }),
  'tasks.bulk move': async ({ caller: { client }, other }) =>
    await client.tasks.bulk.mutate({
      filter: { complete: false },
      maxAffected: 100,
      action: { type: 'move', listId: other.id },
    }),
  'tasks.bulk delete': async ({ caller: { client }, list }) =>
    await client.tasks.bulk.mutate({ filter: { listId: list.id }, maxAffected: 100, action: { type: 'delete' } }),
  'lists.update': async ({ caller: { client }, other }) =>
    await client.lists.update.mutate({ id: other.id, changes: { name: 'ÉTÉ', after: null } }),
  'lists.delete, tasks to the inbox': async ({ caller: { client }, list }) =>
    await client.lists.delete.mutate({ id: list.id, tasks: 'inbox' }),
  'lists.delete, tasks to the trash': async ({ caller: { client }, list }) =>
    await client.lists.delete.mutate({ id: list.id, tasks: 'trash' }),
  'lists.create': async ({ caller: { client } }) => await client.lists.create.mutate({ name: 'New', after: null }),
  'tags.rename that merges': async ({ caller: { client } }) =>
    await client.tags.rename.mutate({ from: 'STRAßE', to: 'B' }),
  'tags.rename': async ({ caller: { client } }) => await client.tags.rename.mutate({ from: 'b', to: 'İx' }),
}

test.each(Object.entries(commits))(
  '%s is undone as a whole, and redone by reverting the revert',
  async (_name, mutate) => {
    const all = await createEnvironment()
    const { caller } = all
    const [before, start] = [await state(caller), await headOf(caller)]
    await mutate(all)
    const [after, done] = [await state(caller), await headOf(caller)]
    expect(done).toBeGreaterThan(start)
    // Any revision of a commit stands for the whole commit.
    const undone = await caller.client.changes.revert.mutate({ revision: start + 1 })
    expect(undone).toEqual({ affected: done - start, revision: done + (done - start) })
    expect(await state(caller)).toEqual(before)
    const changes = await changesAfter(caller, done)
    expect(changes.every(({ commit }) => commit === undone.revision)).toBe(true)
    const redone = await caller.client.changes.revert.mutate({ revision: undone.revision })
    expect(redone.affected).toBe(undone.affected)
    expect(await state(caller)).toEqual(after)
  },
)

test('reverting tasks.restore returns the task to the trash as it was, and its deletion can be reverted too', async () => {
  const { caller, trashed } = await createEnvironment()
  const { client } = caller
  const { revision } = await client.tasks.restore.mutate({ id: trashed.id })
  await client.changes.revert.mutate({ revision })
  expect(await client.tasks.get.query({ id: trashed.id })).toMatchObject({
    deletedAt: trashed.deletedAt,
    listId: trashed.listId,
    position: trashed.position,
  })
  await client.changes.revert.mutate({ revision: trashed.revision })
  expect((await client.tasks.get.query({ id: trashed.id })).deletedAt).toBeNull()
})

test('reverting tasks.createMany moves the tasks to the trash', async () => {
  const { caller } = await createEnvironment()
  const start = await headOf(caller)
  const { tasks } = await caller.client.tasks.createMany.mutate({ tasks: [{ title: 'one' }, { title: 'two' }] })
  const { affected } = await caller.client.changes.revert.mutate({ revision: start + 1 })
  expect(affected).toBe(2)
  for (const { id } of tasks) expect((await caller.client.tasks.get.query({ id })).deletedAt).not.toBeNull()
  const changes = await changesAfter(caller, start + 2)
  expect(changes.map(({ action }) => action)).toEqual(['delete', 'delete'])
})

test('reverting lists.create removes the list from its tasks in the trash; reverting the revert restores both', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const list = await client.lists.create.mutate({ name: 'l' })
  const task = await client.tasks.create.mutate({ title: 'a', listId: list.id })
  await client.changes.revert.mutate({ revision: task.revision })
  const before = await state(caller)

  const undone = await client.changes.revert.mutate({ revision: list.revision })
  expect(undone.affected).toBe(2)
  expect(await changesAfter(caller, undone.revision - 2)).toMatchObject([
    { action: 'move', entityId: task.id, before: { listId: list.id }, after: { listId: null } },
    { action: 'delete', entityId: list.id, after: null },
  ])
  await client.changes.revert.mutate({ revision: undone.revision })
  expect(await state(caller)).toEqual(before)
})

test('a revert logs the Changes that it made', async () => {
  const { caller, list } = await createEnvironment()
  const deleted = await caller.client.lists.delete.mutate({ id: list.id, tasks: 'trash' })
  const { revision } = await caller.client.changes.revert.mutate({ revision: deleted.revision })
  const changes = await changesAfter(caller, deleted.revision)
  expect(changes.map(({ entity, action }) => `${action} ${entity}`).toSorted()).toEqual([
    'create list',
    'move task',
    'restore task',
    'restore task',
  ])
  const created = changes.find(({ entity }) => entity === 'list')
  const { items } = await caller.client.lists.list.query({})
  expect(items.find(({ id }) => id === list.id)).toEqual({ ...list, revision, updatedAt: created?.at })
  expect(created).toMatchObject({ before: null, after: items.find(({ id }) => id === list.id) })
})

test('a revert with the same mutation id takes effect once', async () => {
  const { caller, inbox } = await createEnvironment()
  const { revision } = await caller.client.tasks.complete.mutate({ id: inbox.id })
  const revert = { revision, mutationId: inbox.id }
  const first = await caller.client.changes.revert.mutate(revert)
  expect(await caller.client.changes.revert.mutate(revert)).toEqual(first)
  expect(await headOf(caller)).toBe(first.revision)
})

test('tasks of two deleted lists return to the inbox in order, with positions of their own', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const lists = [await client.lists.create.mutate({ name: 'One' }), await client.lists.create.mutate({ name: 'Two' })]
  const tasks: Task[] = []
  for (const { id } of lists) tasks.push(await client.tasks.create.mutate({ title: 'first', listId: id }))
  for (const { id } of lists) tasks.push(await client.tasks.create.mutate({ title: 'second', listId: id }))
  expect(new Set(tasks.map(({ position }) => position)).size).toBe(2)
  const ids = tasks.map(({ id }) => id)
  const { revision } = await client.tasks.bulk.mutate({ ids, action: { type: 'delete' } })
  for (const { id } of lists) await client.lists.delete.mutate({ id, tasks: 'inbox' })
  // This task has the position that they return to.
  await client.tasks.create.mutate({ title: 'there' })
  expect((await client.changes.revert.mutate({ revision })).affected).toBe(4)
  const { items } = await client.tasks.list.query({ sort: { by: 'position', direction: 'asc' } })
  expect(items.map(({ title }) => title)).toEqual(['there', 'first', 'first', 'second', 'second'])
  expect(new Set(items.map(({ position }) => position)).size).toBe(5)
})
