import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

test('500 tasks are created in one commit of 500 revisions, in the order of the call', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  await client.tasks.create.mutate({ title: 'Before' })
  const drafts = Array.from({ length: 500 }, (_, at) => ({ title: `Task ${at}` }))
  const { tasks } = await client.tasks.createMany.mutate({ tasks: drafts })
  expect(tasks.map((task) => task.title)).toEqual(drafts.map((draft) => draft.title))
  expect(tasks.map((task) => task.revision)).toEqual(drafts.map((_, at) => at + 2))
  expect(tasks.map((task) => task.position)).toEqual(tasks.map((task) => task.position).toSorted())
  expect(new Set(tasks.map((task) => task.createdAt)).size).toBe(1)
  const changes = await changesAfter(caller, 1)
  expect(changes.map((change) => change.after)).toEqual(tasks)
  expect(new Set(changes.map((change) => change.commit))).toEqual(new Set([501]))
})

test('no tasks, and 501, are refused', async () => {
  const caller = await newCaller(service)
  for (const count of [0, 501]) {
    const tasks = Array.from({ length: count }, () => ({ title: 'x' }))
    const { fields } = await refused(caller.client.tasks.createMany.mutate({ tasks }))
    expect(fields?.map((field) => field.path)).toEqual(['tasks'])
  }
  expect(await headOf(caller)).toBe(0)
})

test('no task is created if one of them is refused', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const there = await client.tasks.create.mutate({ title: 'There' })
  const good = { title: 'Good' }
  const bad = [
    { draft: { id: there.id, title: 'Twice' }, appCode: 'ALREADY_EXISTS' },
    { draft: { title: 'Lost', listId: randomUUID() }, appCode: 'NOT_FOUND' },
    { draft: { title: 'Lost', after: randomUUID() }, appCode: 'NOT_FOUND' },
    { draft: { title: '' }, appCode: 'VALIDATION' },
  ]
  for (const { draft, appCode } of bad)
    expect(await refused(client.tasks.createMany.mutate({ tasks: [good, draft, good] }))).toMatchObject({ appCode })
  expect(await headOf(caller)).toBe(1)
  expect((await client.tasks.count.query({})).total).toBe(1)
})

test('of several ids in use, the refusal names the first', async () => {
  const { client } = await newCaller(service)
  const [one, two] = (await client.tasks.createMany.mutate({ tasks: [{ title: '1' }, { title: '2' }] })).tasks
  const tasks = [{ title: 'new' }, { title: 'b', id: two?.id }, { title: 'a', id: one?.id }]
  const { current, fields } = await refused(client.tasks.createMany.mutate({ tasks }))
  expect({ current, paths: fields?.map((field) => field.path) }).toEqual({ current: two, paths: ['tasks.1.id'] })
})

test('a repeated id is refused by the path of the second', async () => {
  const caller = await newCaller(service)
  const id = randomUUID()
  const tasks = [{ title: '1' }, { title: '2', id: id.toUpperCase() }, { title: '3', id }]
  const { fields } = await refused(caller.client.tasks.createMany.mutate({ tasks }))
  expect(fields?.map((field) => field.path)).toEqual(['tasks.2.id'])
  expect(await headOf(caller)).toBe(0)
})

test('a refused field is named by its path', async () => {
  const { client } = await newCaller(service)
  const tasks = [{ title: 'x' }, { title: 'x', due: { date: '2026-02-30' } }, { title: 'x'.repeat(201) }]
  const { fields } = await refused(client.tasks.createMany.mutate({ tasks }))
  expect(fields?.map((field) => field.path)).toEqual(['tasks.1.due.date', 'tasks.2.title'])
})
