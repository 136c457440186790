import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

test('a task can be created by its title alone, and gets an id of version 7', async () => {
  const { client, user } = await newCaller(service)
  const task = await client.tasks.create.mutate({ title: 'Buy milk' })
  expect(task).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    spaceId: user.id,
    userId: user.id,
    listId: null,
    title: 'Buy milk',
    description: null,
    complete: false,
    completedAt: null,
    priority: 'none',
    tags: [],
    due: null,
    dueAt: null,
    position: expect.stringMatching(/^[0-9a-f]{8}$/),
    revision: 1,
    createdAt: task.updatedAt,
    updatedAt: task.createdAt,
    deletedAt: null,
  })
  expect(await client.tasks.get.query({ id: task.id })).toEqual(task)
})

test('every field of the input is kept, and null and false are values too', async () => {
  const { client } = await newCaller(service)
  const list = await client.lists.create.mutate({ name: 'Home' })
  const given = {
    id: randomUUID(),
    title: 'Paint the door',
    description: 'Two coats,\n\tin green',
    listId: list.id,
    complete: true,
    priority: 'urgent' as const,
    tags: ['DIY', 'home'],
    due: { date: '2026-12-24' },
  }
  const task = await client.tasks.create.mutate(given)
  expect(task).toMatchObject({ ...given, completedAt: task.createdAt, dueAt: null })
  const plain = await client.tasks.create.mutate({
    title: 'Plain',
    description: null,
    listId: null,
    complete: false,
    priority: 'none',
    tags: [],
    due: null,
  })
  const fields = { description: null, listId: null, complete: false, completedAt: null, tags: [], due: null }
  expect(plain).toMatchObject(fields)
  expect((await client.tasks.create.mutate({ title: 'Empty', description: '' })).description).toBe('')
})

test('an id is returned in lower case, and can be of any version', async () => {
  const { client } = await newCaller(service)
  const id = 'ABCDEF00-0000-0000-0000-00000000000F'
  expect((await client.tasks.create.mutate({ id, title: 'Nil' })).id).toBe(id.toLowerCase())
  expect((await client.tasks.get.query({ id })).title).toBe('Nil')
})

test('text is normalised and trimmed, and tags are merged by their lower case', async () => {
  const { client } = await newCaller(service)
  const task = await client.tasks.create.mutate({
    title: ' \u00a0Cafe\u0301 \u212b\u3000',
    description: ' e\u0301\r\n\u0001 ',
    tags: [' E\u0301te\u0301', '\u00e9T\u00c9', 'İ', 'i\u0307', 'ΣΊΣΥΦΟΣ', 'σίσυφος', 'ß', 'SS'],
  })
  expect(task.title).toBe('Caf\u00e9 \u00c5')
  expect(task.description).toBe(' \u00e9\r\n\u0001 ')
  expect(task.tags).toEqual(['\u00c9t\u00e9', 'İ', 'ΣΊΣΥΦΟΣ', 'ß', 'SS'])
})

test('an id in use is refused with the task that has it, also in the trash', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const task = await client.tasks.create.mutate({ title: 'First' })
  const again = { id: task.id, title: 'Second' }
  expect(await refused(client.tasks.create.mutate(again))).toMatchObject({ appCode: 'ALREADY_EXISTS', current: task })
  const trashed = await client.tasks.delete.mutate({ id: task.id })
  expect(await refused(client.tasks.create.mutate(again))).toMatchObject({ current: trashed })
  expect(await headOf(caller)).toBe(2)
})

test('the id of a purged task cannot be reused while its Changes are kept', async () => {
  const { client } = await newCaller(service)
  const { id } = await client.tasks.create.mutate({ title: 'Gone' })
  await client.tasks.purge.mutate({ id })
  const error = await refused(client.tasks.create.mutate({ id, title: 'Back' }))
  expect(error).toMatchObject({ appCode: 'ALREADY_EXISTS' })
  expect(error.current).toBeUndefined()
  // Deletes the Changes, as the sweeper does once they are old.
  await service.admin('delete from tw.changes where entity_id = $1', [id])
  expect(await client.tasks.create.mutate({ id, title: 'Back' })).toMatchObject({ id, revision: 3 })
})

test('the id of a list cannot be used for a task', async () => {
  const { client } = await newCaller(service)
  const { id } = await client.lists.create.mutate({ name: 'Home' })
  expect(await refused(client.tasks.create.mutate({ id, title: 'Home' }))).toMatchObject({ appCode: 'ALREADY_EXISTS' })
})

test('the id of a key can be used for a task', async () => {
  const { client } = await newCaller(service)
  const { key: one } = await client.keys.create.mutate({ name: 'One', scopes: ['tasks:read'] })
  const { key: two } = await client.keys.create.mutate({ name: 'Two', scopes: ['tasks:read'] })
  expect(await client.tasks.create.mutate({ id: one.id, title: 'One' })).toMatchObject({ id: one.id })
  const { tasks } = await client.tasks.createMany.mutate({ tasks: [{ id: two.id, title: 'Two' }] })
  expect(tasks).toMatchObject([{ id: two.id }])
})

test('an unknown list is NOT_FOUND, and so is the id of the account', async () => {
  const caller = await newCaller(service)
  for (const listId of [randomUUID(), caller.user.id])
    expect(await refused(caller.client.tasks.create.mutate({ title: 'Lost', listId }))).toMatchObject({
      appCode: 'NOT_FOUND',
    })
  expect(await headOf(caller)).toBe(0)
})

test('times never fall as revisions rise, even if the clock is set back', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  await service.admin(`update tw.spaces set changed_at = now() + interval '1 hour' where id = $1`, [caller.user.id])
  const task = await client.tasks.create.mutate({ title: 'x' })
  expect(Date.parse(task.createdAt)).toBeGreaterThan(Date.now() + 50 * 60_000)
  const done = await client.tasks.complete.mutate({ id: task.id })
  expect(done.completedAt).toBe(done.updatedAt)
  expect(done.updatedAt >= task.updatedAt).toBe(true)
  const [, change] = await changesAfter(caller, 0)
  expect(change?.at).toBe(done.updatedAt)
})

test('a creation logs one Change with the whole row', async () => {
  const caller = await newCaller(service)
  const mutationId = randomUUID()
  const { result } = await caller.call(
    'tasks.create',
    { title: 'Logged', tags: ['a'], due: { date: '2026-02-03', time: '04:05', timeZone: 'Asia/Tokyo' }, mutationId },
    { 'x-request-id': 'request-of-the-test' },
  )
  const [change, ...others] = await changesAfter(caller, 0)
  expect(others).toEqual([])
  const task = result?.data as { createdAt: string; id: string } | undefined
  expect(change).toEqual({
    revision: 1,
    commit: 1,
    at: task?.createdAt,
    mutationId,
    requestId: 'request-of-the-test',
    actor: { kind: 'user', userId: caller.user.id, keyId: null },
    action: 'create',
    entity: 'task',
    entityId: task?.id,
    before: null,
    after: task,
    redacted: false,
  })
})
