import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { type Caller, changesAfter, newCaller, refused } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

// changes.list with `entityId`: the history of one task, list, key or account.

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

interface TwoTasks {
  caller: Caller
  /** Its Changes have the revisions 1, 3, 5 and 7. */
  odd: string
  /** Its Changes have the revisions 2, 4, 6 and 8. */
  even: string
}

async function createTwoTasks(): Promise<TwoTasks> {
  const caller = await newCaller(service)
  const [odd, even] = [randomUUID(), randomUUID()]
  const { createMany, update } = caller.client.tasks
  await createMany.mutate({ tasks: [odd, even].map((id) => ({ id, title: 'new' })) })
  for (const title of ['a', 'b', 'c']) for (const id of [odd, even]) await update.mutate({ id, changes: { title } })
  return { caller, odd, even }
}

const revisionsOf = ({ changes }: { changes: { revision: number }[] }): number[] =>
  changes.map(({ revision }) => revision)

test('a history has the Changes of one task, as the log has them', async () => {
  const { caller, odd, even } = await createTwoTasks()
  const log = await changesAfter(caller, 0)
  for (const entityId of [odd, even, odd.toUpperCase()]) {
    const page = await caller.client.changes.list.query({ after: 0, entityId })
    const changes = log.filter((change) => change.entityId === entityId.toLowerCase())
    expect(changes).toHaveLength(4)
    expect(page).toEqual({ changes, head: 8, nextAfter: 8 })
  }
})

test('a page begins after a revision, and nextAfter is the head once no others of the task follow', async () => {
  const { caller, odd } = await createTwoTasks()
  const pageOf = async (after: number, limit: number): Promise<[number[], number]> => {
    const page = await caller.client.changes.list.query({ after, limit, entityId: odd })
    expect(page.head).toBe(8)
    return [revisionsOf(page), page.nextAfter]
  }
  expect(await pageOf(0, 3)).toEqual([[1, 3, 5], 5])
  expect(await pageOf(5, 3)).toEqual([[7], 8])
  expect(await pageOf(3, 2)).toEqual([[5, 7], 8])
  expect(await pageOf(2, 1)).toEqual([[3], 3])
  for (const after of [7, 8]) expect(await pageOf(after, 2)).toEqual([[], 8])
})

test('a long history is read page by page: 100 Changes by default, and 500 at most', async () => {
  const { client, user } = await newCaller(service)
  const entityId = randomUUID()
  await service.admin(
    `insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, before, after)
     select $1, n, n, now(), 'user', 'update', 'task', case when n % 2 = 0 then $2::uuid else gen_random_uuid() end, '{}', '{}'
     from generate_series(1, 2400) n`,
    [user.id, entityId],
  )
  await service.admin('update tw.spaces set revision = 2400 where id = $1', [user.id])
  expect((await client.changes.list.query({ after: 0, entityId })).changes).toHaveLength(100)
  const pages: number[][] = []
  let after = 0
  for (let nr = 0; nr < 3; nr++) {
    const page = await client.changes.list.query({ after, limit: 500, entityId })
    pages.push(revisionsOf(page))
    after = page.nextAfter
  }
  expect(after).toBe(2400)
  expect(pages.map((page) => page.length)).toEqual([500, 500, 200])
  expect(pages.flat()).toEqual(Array.from({ length: 1200 }, (_, at) => 2 * (at + 1)))
})

test('the history of a purged task stays, redacted', async () => {
  const { caller, odd } = await createTwoTasks()
  await caller.client.tasks.purge.mutate({ id: odd })
  const { changes } = await caller.client.changes.list.query({ after: 0, entityId: odd })
  expect(
    changes.map(({ revision, action, before, after, redacted }) => [revision, action, before, after, redacted]),
  ).toEqual([
    [1, 'create', null, {}, true],
    [3, 'update', {}, {}, true],
    [5, 'update', {}, {}, true],
    [7, 'update', {}, {}, true],
    [9, 'purge', {}, null, false],
  ])
})

test('lists, keys and the account have histories too', async () => {
  const { client, user } = await newCaller(service)
  const { id: listId } = await client.lists.create.mutate({ name: 'List' })
  await client.tasks.create.mutate({ title: 'in the list', listId })
  await client.lists.update.mutate({ id: listId, changes: { name: 'Another' } })
  const { key } = await client.keys.create.mutate({ name: 'key', scopes: ['tasks:read'] })
  await client.me.update.mutate({ name: 'Another' })
  await client.keys.revoke.mutate({ id: key.id })
  const historyOf = async (entityId: string): Promise<string[]> =>
    (await client.changes.list.query({ after: 0, entityId })).changes.map(({ action, entity }) => `${action} ${entity}`)
  expect(await historyOf(listId)).toEqual(['create list', 'update list'])
  expect(await historyOf(key.id)).toEqual(['create key', 'delete key'])
  expect(await historyOf(user.id)).toEqual(['update account'])
})

test('an unknown id has an empty history, and another user’s id the same, byte for byte', async () => {
  const [{ caller }, other] = [await createTwoTasks(), await createTwoTasks()]
  for (const entityId of [randomUUID(), other.odd, other.caller.user.id]) {
    const { status, text } = await caller.call('changes.list', { after: 0, entityId })
    expect({ status, text }).toEqual({
      status: 200,
      text: '{"result":{"data":{"changes":[],"head":8,"nextAfter":8}}}',
    })
  }
})

test('an entityId that is not a UUID is VALIDATION', async () => {
  const { call } = await newCaller(service)
  for (const entityId of ['', 'x', `${randomUUID()}0`, 7, null, [randomUUID()]])
    expect((await call('changes.list', { after: 0, entityId })).error?.data).toMatchObject({
      appCode: 'VALIDATION',
      fields: [{ path: 'entityId', message: 'is not a UUID' }],
    })
})

test('a history whose beginning was swept has what is left; the whole log is RESYNC_REQUIRED', async () => {
  const { caller, odd } = await createTwoTasks()
  const { client, user } = caller
  await service.admin(`update tw.changes set at = now() - interval '91 days' where space_id = $1 and revision <= 4`, [
    user.id,
  ])
  await service.admin('select tw.sweep(90, 1000)')
  for (const after of [0, 1, 4])
    expect(revisionsOf(await client.changes.list.query({ after, entityId: odd }))).toEqual([5, 7])
  expect(await refused(client.changes.list.query({ after: 0 }))).toMatchObject({ appCode: 'RESYNC_REQUIRED' })
  await service.admin('delete from tw.changes where space_id = $1', [user.id])
  expect(await client.changes.list.query({ after: 0, entityId: odd })).toEqual({ changes: [], head: 8, nextAfter: 8 })
})

test('a history after a revision above the head is RESYNC_REQUIRED', async () => {
  const { caller, odd } = await createTwoTasks()
  for (const entityId of [odd, randomUUID()])
    for (const after of [9, Number.MAX_SAFE_INTEGER])
      expect(await refused(caller.client.changes.list.query({ after, entityId }))).toMatchObject({
        appCode: 'RESYNC_REQUIRED',
        httpStatus: 412,
        message: "after is above the head, the space's latest revision; read the history again, with after 0.",
      })
})
