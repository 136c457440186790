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
const [none, unknown] = [randomUUID(), randomUUID()]

test('of several drafts, the refusal names the first with an unknown id', async () => {
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
    // After a draft of the call whose own `after` is unknown.
    ['tasks.0.after', [{ id: first, after: none }, { after: first }, { after: none }]],
    // After a task of another list.
    ['tasks.2.after', [{ after: id }, { listId: list.id }, { listId: list.id, after: id }]],
    ['tasks.1.after', [{ id: first }, { listId: list.id, after: first }]],
    // After a draft that comes later.
    ['tasks.1.after', [{}, { after: second }, { id: second }]],
  ]
  for (const [path, tasks] of cases) {
    const drafts = tasks.map((draft) => ({ title: 'x', ...draft }))
    expect([path, await pathsOf(client.tasks.createMany.mutate({ tasks: drafts }))]).toEqual([path, [path]])
  }
  expect(await headOf(caller)).toBe(head)
})

test('the refusal of a move names id, listId or after, in this order', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { id } = await client.tasks.create.mutate({ title: 'x' })
  const move = async (input: object) => await pathsOf(client.tasks.move.mutate({ id, ...input }))
  expect(await move({ id: unknown, listId: none, after: none })).toEqual(['id'])
  expect(await move({ listId: none, after: none })).toEqual(['listId'])
  expect(await move({ listId: none })).toEqual(['listId'])
  expect(await move({ after: none })).toEqual(['after'])
  const stale = client.tasks.move.mutate({ id, listId: none, expectedRevision: 99 })
  expect(await refused(stale)).toMatchObject({ appCode: 'REVISION_CONFLICT' })
  expect(await headOf(caller)).toBe(1)
})

test('the refusal of a list names the path of its after', async () => {
  const { client } = await newCaller(service)
  const { id } = await client.lists.create.mutate({ name: 'List' })
  expect(await pathsOf(client.lists.create.mutate({ name: 'Other', after: none }))).toEqual(['after'])
  expect(await pathsOf(client.lists.update.mutate({ id, changes: { after: none } }))).toEqual(['changes.after'])
  expect(await pathsOf(client.lists.update.mutate({ id: unknown, changes: { after: none } }))).toEqual(['id'])
})
