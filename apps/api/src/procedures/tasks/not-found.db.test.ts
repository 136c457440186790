import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { headOf, newCaller, refused } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const pathsOf = async (call: Promise<unknown>): Promise<string[] | undefined> => {
  const { appCode, fields } = await refused(call)
  expect(appCode).toBe('NOT_FOUND')
  return fields?.map(({ path }) => path)
}
const [none, nobody] = [randomUUID(), randomUUID()]

test('of several drafts the first with an id that names nothing is told', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const list = await client.lists.create.mutate({ name: 'List' })
  const { id } = await client.tasks.create.mutate({ title: 'in the inbox' })
  const [first, second] = [randomUUID(), randomUUID()]
  const head = await headOf(caller)
  const cases: [path: string, tasks: object[]][] = [
    ['tasks.1.listId', [{}, { listId: none }, { after: none }]],
    ['tasks.1.after', [{}, { after: none }, { listId: none }]],
    ['tasks.0.listId', [{ listId: none, after: none }]],
    // One of this call, and then one that goes where it goes.
    ['tasks.0.after', [{ id: first, after: none }, { after: first }, { after: none }]],
    // It is there, in another list.
    ['tasks.2.after', [{ after: id }, { listId: list.id }, { listId: list.id, after: id }]],
    ['tasks.1.after', [{ id: first }, { listId: list.id, after: first }]],
    // Of this call, and yet to come.
    ['tasks.1.after', [{}, { after: second }, { id: second }]],
  ]
  for (const [path, tasks] of cases) {
    const drafts = tasks.map((draft) => ({ title: 'x', ...draft }))
    expect([path, await pathsOf(client.tasks.createMany.mutate({ tasks: drafts }))]).toEqual([path, [path]])
  }
  expect(await headOf(caller)).toBe(head)
})

test('a move names the task, the list or the one to go after, in this order', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { id } = await client.tasks.create.mutate({ title: 'x' })
  const move = async (input: object) => await pathsOf(client.tasks.move.mutate({ id, ...input }))
  expect(await move({ id: nobody, listId: none, after: none })).toEqual(['id'])
  expect(await move({ listId: none, after: none })).toEqual(['listId'])
  expect(await move({ listId: none })).toEqual(['listId'])
  expect(await move({ after: none })).toEqual(['after'])
  const stale = client.tasks.move.mutate({ id, listId: none, expectedRevision: 99 })
  expect(await refused(stale)).toMatchObject({ appCode: 'REVISION_CONFLICT' })
  expect(await headOf(caller)).toBe(1)
})

test('a list that is placed names what it is placed after', async () => {
  const { client } = await newCaller(service)
  const { id } = await client.lists.create.mutate({ name: 'List' })
  expect(await pathsOf(client.lists.create.mutate({ name: 'Other', after: none }))).toEqual(['after'])
  expect(await pathsOf(client.lists.update.mutate({ id, changes: { after: none } }))).toEqual(['changes.after'])
  expect(await pathsOf(client.lists.update.mutate({ id: nobody, changes: { after: none } }))).toEqual(['id'])
})
