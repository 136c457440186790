import { afterAll, expect, test } from 'vitest'
import { type Caller, newCaller, refused } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

/** Returns a caller whose log has this many Changes. */
async function callerWithChanges(count: number): Promise<Caller> {
  const caller = await newCaller(service)
  await caller.client.tasks.createMany.mutate({
    tasks: Array.from({ length: count }, (_, n) => ({ title: `task ${n}` })),
  })
  return caller
}

test('the log of a new account is empty', async () => {
  const { client } = await newCaller(service)
  expect(await client.changes.list.query({ after: 0 })).toEqual({ changes: [], head: 0, nextAfter: 0 })
})

test('pages up to the head contain each revision once', async () => {
  const { client } = await callerWithChanges(7)
  const revisions: number[] = []
  let after = 0
  for (;;) {
    const page = await client.changes.list.query({ after, limit: 3 })
    expect(page.head).toBe(7)
    if (page.changes.length === 0) break
    revisions.push(...page.changes.map(({ revision }) => revision))
    expect(page.nextAfter).toBe(revisions.at(-1))
    after = page.nextAfter
  }
  expect(revisions).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(await client.changes.list.query({ after: 7 })).toEqual({ changes: [], head: 7, nextAfter: 7 })
})

test('a page has 100 Changes by default, and 500 at most', async () => {
  const caller = await callerWithChanges(500)
  await caller.client.tasks.create.mutate({ title: 'one more' })
  const { client } = caller
  expect((await client.changes.list.query({ after: 0 })).changes).toHaveLength(100)
  expect((await client.changes.list.query({ after: 0, limit: 500 })).changes).toHaveLength(500)
  for (const input of [{ after: 0, limit: 501 }, { after: 0, limit: 0 }, { after: -1 }, { after: 0.5 }, {}])
    expect((await caller.call('changes.list', input)).error?.data).toMatchObject({ appCode: 'VALIDATION' })
})

test('a page is sent as the JSON text that the database returned', async () => {
  const caller = await callerWithChanges(2)
  const [row] = await service.admin(
    'select json_agg(tw.change_json(c) order by c.revision)::text as changes from tw.changes c where c.space_id = $1',
    [caller.user.id],
  )
  const { text } = await caller.call('changes.list', { after: 0 })
  expect(text).toBe(`{"result":{"data":{"changes":${String(row?.['changes'])},"head":2,"nextAfter":2}}}`)
})

test('reading after a revision above the head is RESYNC_REQUIRED', async () => {
  const { client } = await callerWithChanges(2)
  for (const after of [3, Number.MAX_SAFE_INTEGER])
    expect(await refused(client.changes.list.query({ after }))).toMatchObject({
      appCode: 'RESYNC_REQUIRED',
      httpStatus: 412,
      retryable: false,
    })
})

test('reading after a revision whose next Changes were swept is RESYNC_REQUIRED', async () => {
  const { client, user } = await callerWithChanges(5)
  await service.admin(`update tw.changes set at = now() - interval '91 days' where space_id = $1 and revision <= 3`, [
    user.id,
  ])
  await service.admin('select tw.sweep(90, 1000)')
  for (const after of [0, 1, 2])
    expect(await refused(client.changes.list.query({ after }))).toMatchObject({ appCode: 'RESYNC_REQUIRED' })
  const { changes } = await client.changes.list.query({ after: 3 })
  expect(changes.map(({ revision }) => revision)).toEqual([4, 5])
})

test('the log can be read after the head even if every Change was swept', async () => {
  const { client, user } = await callerWithChanges(3)
  await service.admin('delete from tw.changes where space_id = $1', [user.id])
  expect(await client.changes.list.query({ after: 3 })).toEqual({ changes: [], head: 3, nextAfter: 3 })
})

test('a page ends before a gap in the log, and reading on is RESYNC_REQUIRED', async () => {
  const { client, user } = await callerWithChanges(6)
  await service.admin('delete from tw.changes where space_id = $1 and revision = 4', [user.id])
  expect((await client.changes.list.query({ after: 1, limit: 2 })).nextAfter).toBe(3)
  for (const after of [1, 2, 3])
    expect(await refused(client.changes.list.query({ after }))).toMatchObject({ appCode: 'RESYNC_REQUIRED' })
  expect((await client.changes.list.query({ after: 4 })).changes).toHaveLength(2)
})

test('Changes are kept for at least thirty days, whatever the setting', async () => {
  const { client, user } = await callerWithChanges(2)
  await service.admin(`update tw.changes set at = now() - interval '29 days' where space_id = $1`, [user.id])
  await service.admin('select tw.sweep(1, 1000)')
  expect((await client.changes.list.query({ after: 0 })).changes).toHaveLength(2)
})

test('the Changes of a purged task stay in the log, redacted', async () => {
  const caller = await callerWithChanges(1)
  const { client } = caller
  const [task] = (await client.tasks.list.query({})).items
  await client.tasks.update.mutate({ id: task?.id ?? '', changes: { title: 'secret' } })
  await client.tasks.purge.mutate({ id: task?.id ?? '' })
  const { changes } = await client.changes.list.query({ after: 0 })
  expect(changes.map(({ action, before, after }) => [action, before, after])).toEqual([
    ['create', null, {}],
    ['update', {}, {}],
    ['purge', {}, null],
  ])
  expect(changes.slice(0, 2).every(({ redacted }) => redacted === true)).toBe(true)
})

test('a Change names its actor: a session, a key or a service key', async () => {
  const caller = await newCaller(service)
  const { client, user } = caller
  await client.tasks.create.mutate({ title: 'by the session' })
  const { key, secret } = await client.keys.create.mutate({ name: 'key', scopes: ['tasks:write'] })
  await caller.call('tasks.create', { title: 'by the key' }, { authorization: `Bearer ${secret}` })
  const serviceKey = await service.addServiceKey('tasks:write')
  const [row] = await service.admin('select id from tw.service_keys where name = $1', [serviceKey])
  await caller.call(
    'tasks.create',
    { title: 'by the service' },
    { authorization: `Bearer ${serviceKey}`, 'x-taskwire-user': user.id },
  )
  const { changes } = await client.changes.list.query({ after: 0 })
  expect(changes.map(({ actor }) => actor)).toEqual([
    { kind: 'user', userId: user.id, keyId: null },
    // This Change is the creation of the key.
    { kind: 'user', userId: user.id, keyId: null },
    { kind: 'key', userId: user.id, keyId: key.id },
    { kind: 'service', userId: user.id, keyId: row?.['id'] },
  ])
})
