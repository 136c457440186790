import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { headOf, newCaller, refused } from '../../testing/caller.ts'
import { orderOf } from '../../testing/order.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

const notRevertible = (reason: RegExp) => ({
  appCode: 'NOT_REVERTIBLE',
  httpStatus: 409,
  message: expect.stringMatching(reason),
})

test('a field that has changed since is a conflict, with the current row', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { tasks } = await client.tasks.createMany.mutate({ tasks: [{ title: 'a' }, { title: 'b' }] })
  const ids = tasks.map(({ id }) => id)
  const { revision } = await client.tasks.bulk.mutate({ ids, action: { type: 'update', changes: { title: 'x' } } })
  const current = await client.tasks.update.mutate({ id: ids[1] ?? '', changes: { title: 'y' } })
  const head = await headOf(caller)
  expect(await refused(client.changes.revert.mutate({ revision }))).toMatchObject({
    appCode: 'REVISION_CONFLICT',
    current,
  })
  // Nothing of the commit is undone.
  expect((await client.tasks.get.query({ id: ids[0] ?? '' })).title).toBe('x')
  expect(await headOf(caller)).toBe(head)
})

test('other fields may have changed since, and keep their values', async () => {
  const { client } = await newCaller(service)
  const { id } = await client.tasks.create.mutate({ title: 'a' })
  const { revision } = await client.tasks.update.mutate({ id, changes: { title: 'b' } })
  await client.tasks.update.mutate({ id, changes: { priority: 'high', tags: ['t'] } })
  await client.changes.revert.mutate({ revision })
  expect(await client.tasks.get.query({ id })).toMatchObject({ title: 'a', priority: 'high', tags: ['t'] })
})

test('a commit can be undone if its fields have the values again that it set', async () => {
  const { client } = await newCaller(service)
  const { id } = await client.tasks.create.mutate({ title: 'a' })
  const { revision } = await client.tasks.update.mutate({ id, changes: { title: 'b' } })
  await client.tasks.update.mutate({ id, changes: { title: 'c' } })
  await client.tasks.update.mutate({ id, changes: { title: 'b' } })
  await client.changes.revert.mutate({ revision })
  expect((await client.tasks.get.query({ id })).title).toBe('a')
})

test('a commit is not undone twice', async () => {
  const { client } = await newCaller(service)
  const task = await client.tasks.create.mutate({ title: 'a' })
  const list = await client.lists.create.mutate({ name: 'l' })
  const deleted = await client.lists.delete.mutate({ id: list.id, tasks: 'inbox' })
  for (const { revision } of [deleted, task]) {
    await client.changes.revert.mutate({ revision })
    const { appCode, message } = await refused(client.changes.revert.mutate({ revision }))
    expect(appCode).toBe('REVISION_CONFLICT')
    // The call takes no expectedRevision.
    expect(message).toMatch(/was undone before/)
    expect(message).not.toMatch(/expectedRevision/)
  }
})

test('a creation is not undone if the task has changed or is in the trash', async () => {
  const { client } = await newCaller(service)
  const [changed, trashed] = [
    await client.tasks.create.mutate({ title: 'a' }),
    await client.tasks.create.mutate({ title: 'b' }),
  ]
  await client.tasks.update.mutate({ id: changed.id, changes: { title: 'c' } })
  await client.tasks.delete.mutate({ id: trashed.id })
  for (const { revision } of [changed, trashed])
    expect(await refused(client.changes.revert.mutate({ revision }))).toMatchObject({ appCode: 'REVISION_CONFLICT' })
})

test('a purge, and every commit with a purged task, is not revertible', async () => {
  const { client } = await newCaller(service)
  const { tasks } = await client.tasks.createMany.mutate({ tasks: [{ title: 'a' }, { title: 'b' }] })
  const purged = await client.tasks.purge.mutate({ id: tasks[0]?.id ?? '' })
  for (const revision of [tasks[0]?.revision ?? 0, tasks[1]?.revision ?? 0, purged.revision])
    expect(await refused(client.changes.revert.mutate({ revision }))).toMatchObject(notRevertible(/been purged/))
})

test('a replay returns the first reply though the Changes have been deleted, but not once the task is purged', async () => {
  const { client, user } = await newCaller(service)
  const { id } = await client.tasks.create.mutate({ title: 'a' })
  const { revision } = await client.tasks.update.mutate({ id, changes: { title: 'b' } })
  const revert = { revision, mutationId: randomUUID() }
  const first = await client.changes.revert.mutate(revert)
  await service.admin('delete from tw.changes where space_id = $1 and revision <= $2', [user.id, revision])
  expect(await client.changes.revert.mutate(revert)).toEqual(first)
  await client.tasks.purge.mutate({ id })
  expect(await refused(client.changes.revert.mutate(revert))).toMatchObject({
    appCode: 'MUTATION_APPLIED',
    revision: first.revision,
  })
})

test('a revision is NOT_FOUND if it does not exist, is another user’s, or its commit is no longer kept in full', async () => {
  const [one, two] = [await newCaller(service), await newCaller(service)]
  const { tasks } = await one.client.tasks.createMany.mutate({
    tasks: [{ title: 'a' }, { title: 'b' }, { title: 'c' }],
  })
  for (const revision of [0, 4, Number.MAX_SAFE_INTEGER])
    expect(await refused(one.client.changes.revert.mutate({ revision }))).toMatchObject({ appCode: 'NOT_FOUND' })
  expect(await refused(two.client.changes.revert.mutate({ revision: 1 }))).toMatchObject({ appCode: 'NOT_FOUND' })
  await service.admin('delete from tw.changes where space_id = $1 and revision = 1', [one.user.id])
  expect(await refused(one.client.changes.revert.mutate({ revision: 3 }))).toMatchObject({ appCode: 'NOT_FOUND' })
  expect((await one.client.tasks.get.query({ id: tasks[2]?.id ?? '' })).deletedAt).toBeNull()
})

test('a task is not moved back to a deleted list', async () => {
  const { client } = await newCaller(service)
  const list = await client.lists.create.mutate({ name: 'l' })
  const task = await client.tasks.create.mutate({ title: 'a', listId: list.id })
  const moved = await client.tasks.move.mutate({ id: task.id, listId: null })
  const deleted = await client.lists.delete.mutate({ id: list.id, tasks: 'inbox' })
  expect(await refused(client.changes.revert.mutate({ revision: moved.revision }))).toMatchObject(
    notRevertible(/list .* has been deleted/),
  )
  // Once the list is restored, the task can be moved back.
  await client.changes.revert.mutate({ revision: deleted.revision })
  await client.changes.revert.mutate({ revision: moved.revision })
  expect(await client.tasks.get.query({ id: task.id })).toMatchObject({ listId: list.id, position: task.position })
})

test('a list is not renamed back if it is deleted, or if its name is taken', async () => {
  const { client } = await newCaller(service)
  const list = await client.lists.create.mutate({ name: 'first' })
  const renamed = await client.lists.update.mutate({ id: list.id, changes: { name: 'second' } })
  await client.lists.create.mutate({ name: 'FIRST' })
  expect(await refused(client.changes.revert.mutate({ revision: renamed.revision }))).toMatchObject(
    notRevertible(/has the name/),
  )
  const deleted = await client.lists.delete.mutate({ id: list.id, tasks: 'trash' })
  expect(await refused(client.changes.revert.mutate({ revision: renamed.revision }))).toMatchObject(
    notRevertible(/list .* has been deleted/),
  )
  await client.lists.create.mutate({ name: 'second' })
  expect(await refused(client.changes.revert.mutate({ revision: deleted.revision }))).toMatchObject(
    notRevertible(/has the name/),
  )
})

test('the creation of a list is not undone while the list has tasks outside the trash', async () => {
  const { client } = await newCaller(service)
  const list = await client.lists.create.mutate({ name: 'l' })
  await client.tasks.create.mutate({ title: 'a', listId: list.id })
  expect(await refused(client.changes.revert.mutate({ revision: list.revision }))).toMatchObject(
    notRevertible(/contains tasks/),
  )
})

test('a task whose position is taken returns after the task that has it', async () => {
  const caller = await newCaller(service)
  const { client, user } = caller
  const [a, b] = [await client.tasks.create.mutate({ title: 'a' }), await client.tasks.create.mutate({ title: 'b' })]
  const { revision } = await client.tasks.bulk.mutate({ ids: [a.id, b.id], action: { type: 'delete' } })
  const c = await client.tasks.create.mutate({ title: 'c' })
  await service.admin('update tw.tasks set position = $1 where space_id = $2 and id = $3', [a.position, user.id, c.id])
  await client.changes.revert.mutate({ revision })
  expect(await orderOf(caller, null)).toEqual([c.id, a.id, b.id])
})

test('a task whose position in its former list is taken returns after the task that has it', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const list = await client.lists.create.mutate({ name: 'l' })
  const task = await client.tasks.create.mutate({ title: 'a', listId: list.id })
  const moved = await client.tasks.move.mutate({ id: task.id, listId: null })
  expect(moved.position).toBe(task.position)
  const other = await client.tasks.create.mutate({ title: 'b', listId: list.id })
  expect(other.position).toBe(task.position)
  await client.changes.revert.mutate({ revision: moved.revision })
  expect(await orderOf(caller, list.id)).toEqual([other.id, task.id])
})
