import { randomUUID } from 'node:crypto'
import { LIMITS, type Task } from '@taskwire/contract'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { type Caller, changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { orderOf } from '../../testing/order.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

/**
 * Creates an inbox of one task, and a list of three: the second is placed before the first, the third is in the trash.
 */
async function createEnvironment(): Promise<{
  caller: Caller
  list: string
  inbox: Task
  live: [Task, Task]
  trashed: Task
}> {
  const caller = await newCaller(service)
  const { client } = caller
  const inbox = await client.tasks.create.mutate({ title: 'inbox' })
  const { id: list } = await client.lists.create.mutate({ name: 'List' })
  const one = await client.tasks.create.mutate({ title: 'one', listId: list })
  const two = await client.tasks.create.mutate({ title: 'two', listId: list, after: null })
  const three = await client.tasks.create.mutate({ title: 'three', listId: list })
  const trashed = await client.tasks.delete.mutate({ id: three.id })
  return { caller, list, inbox, live: [two, one], trashed }
}

test('the tasks of a deleted list go to the end of the inbox, in order; tasks in the trash lose the list', async () => {
  const { caller, list, inbox, live, trashed } = await createEnvironment()
  const before = await headOf(caller)
  const deleted = await caller.client.lists.delete.mutate({ id: list, tasks: 'inbox' })
  expect(deleted).toEqual({ id: list, revision: before + 4 })
  expect(await orderOf(caller, null)).toEqual([inbox, ...live].map(({ id }) => id))
  expect((await caller.client.lists.list.query({})).items).toEqual([])
  const { updatedAt, ...same } = await caller.client.tasks.get.query({ id: trashed.id })
  expect({ ...same, updatedAt: '' }).toEqual({ ...trashed, listId: null, revision: before + 3, updatedAt: '' })
  expect(updatedAt >= trashed.updatedAt).toBe(true)
})

test('the tasks of a deleted list go to the trash without a list; those in the trash keep deletedAt', async () => {
  const { caller, list, live, trashed } = await createEnvironment()
  await caller.client.lists.delete.mutate({ id: list, tasks: 'trash' })
  const { items } = await caller.client.tasks.list.query({ filter: { trash: 'only' } })
  expect(items.map(({ id }) => id).toSorted()).toEqual([...live, trashed].map(({ id }) => id).toSorted())
  expect(items.every(({ listId, deletedAt }) => listId === null && deletedAt !== null)).toBe(true)
  expect(items.find(({ id }) => id === trashed.id)?.deletedAt).toBe(trashed.deletedAt)
})

test('deleting a list is one commit: its tasks in their order, then the list', async () => {
  const { caller, list, live, trashed } = await createEnvironment()
  const before = await headOf(caller)
  const mutationId = randomUUID()
  const lists = await caller.client.lists.list.query({})
  await caller.client.lists.delete.mutate({ id: list, tasks: 'trash', mutationId })
  const changes = await changesAfter(caller, before)
  expect(changes.map(({ entity, action, entityId }) => [entity, action, entityId])).toEqual([
    ['task', 'delete', live[0].id],
    ['task', 'delete', live[1].id],
    ['task', 'move', trashed.id],
    ['list', 'delete', list],
  ])
  expect(changes.map(({ revision }) => revision)).toEqual([1, 2, 3, 4].map((n) => before + n))
  expect(new Set(changes.map(({ commit, mutationId: id, at }) => `${commit} ${id} ${at}`)).size).toBe(1)
  expect(changes[0]).toMatchObject({ commit: before + 4, mutationId, before: { listId: list, deletedAt: null } })
  expect(changes[2]).toMatchObject({ before: { listId: list }, after: { listId: null } })
  expect(changes[3]).toMatchObject({ before: lists.items[0], after: null })
})

test('deleting an empty list takes one revision, and a replay takes none', async () => {
  const caller = await newCaller(service)
  const { id } = await caller.client.lists.create.mutate({ name: 'Empty' })
  const deletion = { id, tasks: 'trash', mutationId: randomUUID() } as const
  const deleted = await caller.client.lists.delete.mutate(deletion)
  expect(deleted).toEqual({ id, revision: 2 })
  expect(await caller.client.lists.delete.mutate(deletion)).toEqual(deleted)
  expect(await refused(caller.client.lists.delete.mutate({ id, tasks: 'trash' }))).toMatchObject({
    appCode: 'NOT_FOUND',
  })
  expect(await headOf(caller)).toBe(2)
})

test('an input that does not say what happens to the tasks is refused', async () => {
  const caller = await newCaller(service)
  const { id } = await caller.client.lists.create.mutate({ name: 'List' })
  for (const tasks of [undefined, 'purge', null]) {
    const { error } = await caller.call('lists.delete', { id, tasks })
    expect(error?.data).toMatchObject({ appCode: 'VALIDATION', fields: [{ path: 'tasks' }] })
  }
})

async function insertTasks({ user }: Caller, list: string, count: number): Promise<void> {
  await service.admin(
    `insert into tw.tasks (space_id, id, list_id, title, position, revision, created_at, updated_at)
     select $1, gen_random_uuid(), $2, 'task ' || n, tw.position_text(2147483648 + n), 1, now(), now()
     from generate_series(1, $3::int) n`,
    [user.id, list, count],
  )
}

test('a list with ten thousand tasks cannot be deleted, because the list is a row too', async () => {
  const caller = await newCaller(service)
  const { id, revision } = await caller.client.lists.create.mutate({ name: 'Too big' })
  await insertTasks(caller, id, LIMITS.tasksPerMutation)
  for (const tasks of ['inbox', 'trash'] as const)
    expect(await refused(caller.client.lists.delete.mutate({ id, tasks }))).toMatchObject({ appCode: 'LIMIT_EXCEEDED' })
  expect(await headOf(caller)).toBe(revision)
})

// Calls the SQL function itself, with a low limit.
test.each([
  [4, 'ok'],
  [3, 'limit'],
])('with a limit of %i rows, deleting a list of three tasks is %s', async (most, outcome) => {
  const caller = await newCaller(service)
  const { id } = await caller.client.lists.create.mutate({ name: 'List' })
  await insertTasks(caller, id, 3)
  await using app = await connectOnce({ address: service.database.app, applicationName: 'test' })
  const [answer] = await app.sql.unsafe(
    `select outcome from tw.delete_list(space => null, credential => sha256(convert_to($1, 'UTF8')), acting => null,
       mutation => null, payload => null, request => null, list => $2, trash => true, expected => null, most_rows => $3::integer)`,
    [caller.user.token, id, most],
  )
  expect(answer).toEqual({ outcome })
})

test('thousands of tasks move to the end of the inbox, and a revert moves them back', async () => {
  const caller = await newCaller(service)
  const first = await caller.client.tasks.create.mutate({ title: 'first' })
  const { id, revision } = await caller.client.lists.create.mutate({ name: 'Big' })
  await insertTasks(caller, id, 2000)
  const deleted = await caller.client.lists.delete.mutate({ id, tasks: 'inbox' })
  expect(deleted.revision).toBe(revision + 2001)
  const sort = { by: 'position', direction: 'asc' } as const
  const { items } = await caller.client.tasks.list.query({ filter: { listId: null }, sort, limit: 3 })
  expect(items.map(({ title }) => title)).toEqual([first.title, 'task 1', 'task 2'])
  const reverted = await caller.client.changes.revert.mutate({ revision: deleted.revision })
  expect(reverted).toEqual({ affected: 2001, revision: deleted.revision + 2001 })
  expect(await caller.client.tasks.count.query({ filter: { listId: id } })).toMatchObject({ total: 2000 })
})
