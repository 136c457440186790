import { type ExportPage, LIMITS } from '@taskwire/contract'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { type Caller, callerOf, changesAfter, newCaller, refused } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

const database = await createTestDatabase()
const service = await startTestService({ database })
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const ROWS = LIMITS.exportPage
const rowsOf = ({ lists, tasks, changes, keys }: ExportPage): number =>
  lists.length + tasks.length + changes.length + keys.length

/** Inserts tasks, every tenth of them in the trash, and Changes. Does not use the service, which would take long. */
async function insertRows({ user }: Caller, tasks: number, changes: number): Promise<void> {
  await service.admin(
    `insert into tw.tasks (space_id, id, title, position, revision, created_at, updated_at, deleted_at)
     select $1, gen_random_uuid(), 'task ' || n, tw.position_text(2147483648 + n), 1, now(), now(), case when n % 10 = 0 then now() end
     from generate_series(1, $2::int) n`,
    [user.id, tasks],
  )
  await service.admin(
    `insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, after)
     select $1, h.revision + n, h.revision + n, now(), 'user', 'create', 'task', gen_random_uuid(), '{}'
     from tw.spaces h, generate_series(1, $2::int) n where h.id = $1`,
    [user.id, changes],
  )
  await service.admin('update tw.spaces set revision = revision + $2 where id = $1', [user.id, changes])
}

async function readPages(
  { client }: Caller,
  afterFirst = async (): Promise<unknown> => undefined,
): Promise<ExportPage[]> {
  const pages: ExportPage[] = []
  for (let cursor: string | null | undefined; cursor !== null; cursor = pages.at(-1)?.nextCursor) {
    pages.push(await client.me.export.query({ cursor }))
    if (pages.length === 1) await afterFirst()
  }
  return pages
}

test('an account of any size is exported in pages of limited size, each row once', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const lists = [await client.lists.create.mutate({ name: 'A' }), await client.lists.create.mutate({ name: 'B' })]
  const { key } = await client.keys.create.mutate({ name: 'k', scopes: ['account'] })
  await insertRows(caller, 2 * ROWS, 3 * ROWS)
  const pages = await readPages(caller)
  expect(pages.map(rowsOf)).toEqual([ROWS, ROWS, ROWS, ROWS, ROWS, 6])
  // Lists, tasks, Changes and keys follow one another.
  expect(pages.map((page) => [page.lists.length, page.tasks.length, page.changes.length, page.keys.length])).toEqual([
    [2, ROWS - 2, 0, 0],
    [0, ROWS, 0, 0],
    [0, 2, ROWS - 2, 0],
    [0, 0, ROWS, 0],
    [0, 0, ROWS, 0],
    [0, 0, 5, 1],
  ])
  const account = await client.me.get.query()
  for (const page of pages) expect(page).toMatchObject({ account, revision: 3 * ROWS + 3 })
  expect(new Set(pages.flatMap((page) => page.lists.map(({ id }) => id)))).toEqual(new Set(lists.map(({ id }) => id)))
  expect(new Set(pages.flatMap(({ tasks }) => tasks.map(({ id }) => id))).size).toBe(2 * ROWS)
  expect(pages.flatMap(({ tasks }) => tasks).filter(({ deletedAt }) => deletedAt !== null)).toHaveLength(ROWS / 5)
  expect(pages.flatMap(({ changes }) => changes)).toEqual(await changesAfter(caller, 0))
  expect(pages.flatMap(({ keys }) => keys)).toEqual([key])
})

test('a full page that ends with the last row is followed by an empty page', async () => {
  const caller = await newCaller(service)
  await insertRows(caller, ROWS, 0)
  const pages = await readPages(caller)
  expect(pages.map(rowsOf)).toEqual([ROWS, 0])
})

test('while rows change between pages, rows that stay are exported once, and Changes up to the head of the first page', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  await insertRows(caller, ROWS, ROWS)
  const first = await client.tasks.create.mutate({ title: 'first' })
  const pages = await readPages(caller, async () => {
    for (let nr = 0; nr < 10; nr++) await client.tasks.create.mutate({ title: 'meanwhile' })
  })
  const [revision = 0, ...later] = pages.map((page) => page.revision)
  expect(revision).toBe(first.revision)
  expect(new Set(later)).toEqual(new Set([revision + 10]))
  const changes = pages.flatMap((page) => page.changes)
  expect(changes.map((change) => change.revision)).toEqual(Array.from({ length: revision }, (_, at) => at + 1))
  const tasks = pages.flatMap((page) => page.tasks).filter(({ title }) => title !== 'meanwhile')
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(ROWS + 1)
  expect(tasks).toHaveLength(ROWS + 1)
})

test('a page reads only the rows that it contains', async () => {
  const caller = await newCaller(service)
  await insertRows(caller, 10 * ROWS, 10 * ROWS)
  await service.admin('analyze')
  const rowsRead = async (): Promise<number> => {
    const [row] =
      await service.admin(`select sum(seq_tup_read + idx) as read from pg_stat_user_tables t cross join lateral (
        select sum(idx_tup_read) as idx from pg_stat_user_indexes i where i.relid = t.relid
      ) i where t.schemaname = 'tw' and t.relname in ('tasks', 'lists', 'changes', 'api_keys')`)
    return Number(row?.['read'])
  }
  const before = await rowsRead()
  let pages: ExportPage[]
  {
    // Connections report their statistics when they end.
    await using other = await startTestService({ database })
    pages = await readPages(callerOf(other, caller.user))
  }
  expect(pages).toHaveLength(21)
  const read = (await rowsRead()) - before
  expect(read).toBeGreaterThanOrEqual(20 * ROWS)
  // A few more rows are read at the end of each kind, and by ANALYZE. Without bounds in the query, each page would read
  // all rows after its start.
  expect(read).toBeLessThan(25 * ROWS)
})

test('a cursor of another query or account is refused; null is the first page', async () => {
  const [caller, other] = [await newCaller(service), await newCaller(service)]
  await insertRows(caller, ROWS + 1, 0)
  const first = await caller.client.me.export.query({ cursor: null })
  expect(first).toEqual(await caller.client.me.export.query())
  const { nextCursor: ofTasks } = await caller.client.tasks.list.query({ limit: 1 })
  for (const [client, cursor] of [
    [other.client, first.nextCursor],
    [caller.client, ofTasks],
    [caller.client, 'x'],
  ] as const)
    expect(await refused(client.me.export.query({ cursor }))).toMatchObject({
      appCode: 'VALIDATION',
      fields: [{ path: 'cursor' }],
    })
})
