import { createClient, isTaskwireError } from '@taskwire/client'
import { LIMITS } from '@taskwire/contract'
import { connectOnce } from '@taskwire/db'
import { hashRows } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { type Caller, headOf, newCaller, refused } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'

/**
 * A mutation writes at most 10,000 rows, including lists and rebalanced rows: 10,000 succeed, and with one more nothing
 * changes. Each row takes a revision, so the head counts them.
 */
const service = await startTestService({ patient: true })
const connection = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
const { sql: admin } = connection
afterAll(async () => {
  await connection[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})

const MOST = LIMITS.tasksPerMutation
/** A position close after `00000001`: no position is left between the two. */
const CROWDED = { position: `'00000001' || repeat('0', 53) || lpad(to_hex(n), 4, '0') || '1'` }
const TRASHED = { deleted_at: 'now()' }

/** Returns a caller with an empty space, whose log is not empty. */
async function newSpace(): Promise<Caller> {
  const caller = await newCaller(service)
  const client = createClient({ url: service.url, token: caller.user.token, retry: { attempts: 1 }, timeoutMs: 60_000 })
  const { id } = await client.lists.create.mutate({ name: 'List' })
  await client.lists.delete.mutate({ id, tasks: 'inbox' })
  return { ...caller, client }
}

/** Inserts rows without Changes. `more` has SQL expressions by column, which may use the row's number `n`. */
async function insertRows(
  { user }: Caller,
  table: 'tasks' | 'lists',
  count: number,
  more: Record<string, string> = {},
) {
  const columns = {
    position: `lpad(to_hex(2 + n), 8, '0')`,
    ...(table === 'tasks' ? { title: `'x'` } : { name: `'list ' || n`, name_key: `'list ' || n` }),
    ...more,
  }
  await admin.unsafe(
    `insert into tw.${table} (space_id, id, revision, created_at, updated_at, ${Object.keys(columns).join()})
     select s.id, gen_random_uuid(), s.revision, now(), now(), ${Object.values(columns).join()}
     from tw.spaces s, generate_series(1, $2::int) n where s.id = $1`,
    [user.id, count],
  )
}

type Call = () => Promise<unknown>
/** For each name, a function that prepares a mutation that writes exactly this many rows, and returns the call. */
const CASES: Record<string, (caller: Caller, rows: number) => Promise<Call>> = {
  'tasks.bulk, update': async (caller, rows) => {
    await insertRows(caller, 'tasks', rows)
    const action = { type: 'update' as const, changes: { priority: 'high' as const } }
    return async () => await bulk(caller, action)
  },
  'tasks.bulk, move': async (caller, rows) => {
    await insertRows(caller, 'tasks', rows)
    const { id } = await caller.client.lists.create.mutate({ name: 'Elsewhere' })
    return async () => await bulk(caller, { type: 'move', listId: id })
  },
  'tasks.bulk, purge': async (caller, rows) => {
    await insertRows(caller, 'tasks', rows)
    return async () => await bulk(caller, { type: 'purge' })
  },
  'tasks.bulk, restore': async (caller, rows) => {
    await insertRows(caller, 'tasks', rows, TRASHED)
    return async () => await bulk(caller, { type: 'restore' }, { trash: 'only' as const })
  },
  'tags.rename': async (caller, rows) => {
    await insertRows(caller, 'tasks', rows, { tags: `'{a}'`, tag_keys: `'{a}'` })
    return async () => await caller.client.tags.rename.mutate({ from: 'a', to: 'b' })
  },
  'lists.delete, to the inbox': async (caller, rows) => {
    const { id } = await caller.client.lists.create.mutate({ name: 'List' })
    // The list is one of the rows.
    await insertRows(caller, 'tasks', rows - 1, { list_id: `'${id}'::uuid` })
    return async () => await caller.client.lists.delete.mutate({ id, tasks: 'inbox' })
  },
  'lists.delete, to the trash': async (caller, rows) => {
    const { id } = await caller.client.lists.create.mutate({ name: 'List' })
    await insertRows(caller, 'tasks', rows - 1, { list_id: `'${id}'::uuid` })
    return async () => await caller.client.lists.delete.mutate({ id, tasks: 'trash' })
  },
  'changes.revert of lists.create, with tasks in the trash': async (caller, rows) => {
    const { id, revision } = await caller.client.lists.create.mutate({ name: 'List' })
    await insertRows(caller, 'tasks', rows - 1, { ...TRASHED, list_id: `'${id}'::uuid` })
    return async () => await caller.client.changes.revert.mutate({ revision })
  },
  'lists.create that rebalances all lists': async (caller, rows) => {
    const { id: after } = await caller.client.lists.create.mutate({ name: 'First' })
    await admin`update tw.lists set position = '00000001' where id = ${after}`
    // The first list and the new one are two of the rows.
    await insertRows(caller, 'lists', rows - 2, CROWDED)
    return async () => await caller.client.lists.create.mutate({ name: 'New', after })
  },
}

type BulkInput = Parameters<Caller['client']['tasks']['bulk']['mutate']>[0]
async function bulk(
  { client }: Caller,
  action: BulkInput['action'],
  filter: BulkInput['filter'] = { complete: false },
) {
  return await client.tasks.bulk.mutate({ filter, action, maxAffected: MOST })
}

test.each(Object.entries(CASES))('%s writes 10,000 rows', async (_name, setUp) => {
  const caller = await newSpace()
  const call = await setUp(caller, MOST)
  const before = await headOf(caller)
  await call()
  expect((await headOf(caller)) - before).toBe(MOST)
})

test.each(Object.entries(CASES))('%s refuses 10,001 rows, and nothing changes', async (_name, setUp) => {
  const caller = await newSpace()
  const call = await setUp(caller, MOST + 1)
  const before = await hashRows(admin, caller.user.id)
  expect(await refused(call())).toMatchObject({ appCode: 'LIMIT_EXCEEDED', httpStatus: 422 })
  expect(await hashRows(admin, caller.user.id)).toEqual(before)
})

test('changes.revert undoes a commit of 10,000 tasks', async () => {
  const caller = await newSpace()
  await insertRows(caller, 'tasks', MOST)
  const { revision } = await bulk(caller, { type: 'delete' })
  expect(await caller.client.changes.revert.mutate({ revision })).toEqual({ affected: MOST, revision: revision + MOST })
})

test('changes.revert undoes the deletion of a list with 9,999 tasks', async () => {
  const caller = await newSpace()
  const { id } = await caller.client.lists.create.mutate({ name: 'List' })
  await insertRows(caller, 'tasks', MOST - 1, { list_id: `'${id}'::uuid` })
  const { revision } = await caller.client.lists.delete.mutate({ id, tasks: 'trash' })
  expect(await caller.client.changes.revert.mutate({ revision })).toEqual({ affected: MOST, revision: revision + MOST })
})

test('changes.revert refuses a commit of more than 10,000 rows', async () => {
  const caller = await newSpace()
  await insertRows(caller, 'tasks', MOST + 1, { title: `n::text` })
  const head = await headOf(caller)
  const last = head + MOST + 1
  // A release without the limit could have written such a commit.
  await admin.unsafe(
    `insert into tw.changes (space_id, revision, commit, at, actor_kind, actor_user_id, action, entity, entity_id, before, after)
     select t.space_id, $2::bigint + t.title::int, $3, now(), 'user', $1, 'update', 'task', t.id,
       '{"title": "y"}', json_build_object('title', t.title) from tw.tasks t where t.space_id = $1`,
    [caller.user.id, head, last],
  )
  await admin`update tw.spaces set revision = ${last} where id = ${caller.user.id}`
  const before = await hashRows(admin, caller.user.id)
  const { revert } = caller.client.changes
  expect(await refused(revert.mutate({ revision: last }))).toMatchObject({ appCode: 'LIMIT_EXCEEDED' })
  expect(await hashRows(admin, caller.user.id)).toEqual(before)
})

// How many of the crowded tasks a rebalance moves is up to the service.
test.each([MOST - 1, MOST, MOST + 500])(
  'creating a task before %d crowded tasks writes at most 10,000 rows, or none',
  async (crowd) => {
    const caller = await newSpace()
    const { id: after } = await caller.client.tasks.create.mutate({ title: 'First' })
    await admin`update tw.tasks set position = '00000001' where id = ${after}`
    await insertRows(caller, 'tasks', crowd, CROWDED)
    const head = await headOf(caller)
    const before = await hashRows(admin, caller.user.id)
    const call = caller.client.tasks.create.mutate({ title: 'New', after })
    const code = await call.then(
      () => 'OK',
      (error: unknown) => (isTaskwireError(error) ? error.data?.appCode : undefined),
    )
    expect(['OK', 'LIMIT_EXCEEDED']).toContain(code)
    if (code === 'OK') expect((await headOf(caller)) - head).toBeLessThanOrEqual(MOST)
    else expect(await hashRows(admin, caller.user.id)).toEqual(before)
  },
)
