import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from './connection/connect.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let admin: Sql
let owner: Sql
let app: Sql
let auth: Sql

beforeAll(async () => {
  database = await createTestDatabase()
  admin = createClient({ address: database.admin, applicationName: 'test' })
  owner = createClient({ address: database.owner, applicationName: 'test' })
  app = createClient({ address: database.app, applicationName: 'test' })
  auth = createClient({ address: database.auth, applicationName: 'test' })
})
afterAll(async () => {
  for (const client of [admin, owner, app, auth]) await client.end()
  await database[Symbol.asyncDispose]()
})

const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? Reflect.get(error, 'code') : error),
  )

/** Adds an account with `rows` rows in each table of it and of its personal space; returns the id of both. */
async function addUser(admin: Sql, rows: number): Promise<string> {
  const id = randomUUID()
  await admin`insert into auth.users (id, name, email) values (${id}, 'Somebody', ${`${id}@example.com`})`
  await admin`insert into auth.sessions (user_id, token_hash, expires_at) select ${id}, sha256((${id} || i)::bytea), now() from generate_series(1, ${rows}::int) i`
  await admin`insert into auth.password_resets (user_id, token_hash, expires_at) values (${id}, sha256(${id}::bytea), now())`
  await admin`insert into auth.accounts (user_id, provider_id, account_id) select ${id}, 'p' || i, ${id} from generate_series(1, ${rows}::int) i`
  await admin`insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at)
    select ${id}, gen_random_uuid(), 'List ' || i, 'list ' || i, tw.position_text(i), i, now(), now() from generate_series(1, ${rows}::int) i`
  await admin`insert into tw.tasks (space_id, id, user_id, list_id, title, position, revision, created_at, updated_at)
    select ${id}, gen_random_uuid(), ${id}, l.id, 'Task', l.position, l.revision, now(), now() from tw.lists l where l.space_id = ${id}`
  await admin`insert into tw.changes (space_id, revision, commit, at, actor_kind, actor_user_id, action, entity, entity_id, after)
    select ${id}, i, i, now(), 'user', ${id}::uuid, 'create', 'task', gen_random_uuid(), '{}' from generate_series(1, ${rows}::int) i`
  await admin`insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, revision, at)
    select ${id}, gen_random_uuid(), ${id}, sha256('x'), i, now() from generate_series(1, ${rows}::int) i`
  await admin`insert into tw.api_keys (user_id, id, space_id, name, scopes, secret_hash, created_at)
    select ${id}, gen_random_uuid(), case when i % 2 = 0 then ${id}::uuid end, 'Key', '{tasks:read}', sha256((${id} || i)::bytea), now() from generate_series(1, ${rows}::int) i`
  return id
}

interface Owned {
  table: string
  /** The column with the space or account of a row. */
  column: string
}
/** The tables with rows of spaces and accounts. */
async function ownedTables(admin: Sql): Promise<Owned[]> {
  return await admin<Owned[]>`select c.oid::regclass::text as table, a.attname as column
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = case
      when c.oid in ('auth.users'::regclass, 'tw.spaces'::regclass) then 'id'
      -- A key is its account's, and may name the space that it is for.
      when c.oid <> 'tw.api_keys'::regclass and exists (select from pg_attribute s where s.attrelid = c.oid and s.attname = 'space_id') then 'space_id'
      else 'user_id' end
    where c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and c.relkind = 'r' order by 1`
}
/** The service's login, acting as an account, by default in its personal space. */
async function become(account: string, space = account): Promise<void> {
  await app`select set_config('app.account', ${account}, false), set_config('app.space', ${space}, false)`
}
async function countsOf(client: Sql, user: string, tables: readonly Owned[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { table, column } of tables) {
    const [row] = await client<
      { n: number }[]
    >`select count(${client(column)})::int n from ${client(table)} where ${client(column)} = ${user}`
    counts[table] = row?.n ?? -1
  }
  return counts
}

describe('erasing an account', () => {
  test.each([
    ['by the owner', async (account: string) => await owner`delete from auth.users where id = ${account}`],
    ['by the sign-in', async (account: string) => await auth`delete from auth.users where id = ${account}`],
    [
      'by tw.erase_me',
      async (account: string, elsewhere: string) => {
        // The caller's account, whatever the space.
        await become(account, elsewhere)
        expect(await app`select tw.erase_me() as id`).toEqual([{ id: account }])
      },
    ],
  ])('deletes a thousand rows of each table, and no row of others, %s', async (_how, erase) => {
    const [gone, kept] = [await addUser(admin, 1000), await addUser(admin, 2)]
    // Rows that it created in another space belong to that space, and stay.
    await admin`update tw.tasks set user_id = ${gone} where space_id = ${kept}`
    await admin`update tw.changes set actor_user_id = ${gone} where space_id = ${kept}`
    const tables = await ownedTables(admin)
    expect(tables.length).toBeGreaterThanOrEqual(10)
    const before = await countsOf(admin, gone, tables)
    const single = ['auth.password_resets', 'auth.users', 'tw.spaces']
    expect(before).toEqual(Object.fromEntries(tables.map(({ table }) => [table, single.includes(table) ? 1 : 1000])))
    const others = await countsOf(admin, kept, tables)
    await erase(gone, kept)
    expect(await countsOf(admin, gone, tables)).toEqual(Object.fromEntries(tables.map(({ table }) => [table, 0])))
    expect(await countsOf(admin, kept, tables)).toEqual(others)
  })

  test('without a caller erases nothing', async () => {
    const user = await addUser(admin, 1)
    await become('')
    expect(await app`select tw.erase_me() as id`).toEqual([{ id: '00000000-0000-0000-0000-000000000000' }])
    expect(await admin`select from auth.users where id = ${user}`).toHaveLength(1)
  })

  test('every new account has a personal space with its id, whichever login creates it', async () => {
    for (const client of [owner, auth]) {
      const id = randomUUID()
      await client`insert into auth.users (id, name, email) values (${id}, 'Somebody', ${`${id}@example.com`})`
      expect(await admin`select id, kind, name, revision::int from tw.spaces where owner_id = ${id}`).toEqual([
        { id, kind: 'personal', name: 'Personal', revision: 0 },
      ])
    }
  })
})

describe('authenticating', () => {
  // An omitted scope must not give access.
  test('a key is refused if the needed scope is empty or unknown', async () => {
    const user = await addUser(admin, 1)
    for (const scopes of ['{account}', '{tasks:read,tasks:write,account}'])
      await admin`insert into tw.api_keys (user_id, id, name, scopes, secret_hash, created_at) values (${user}, gen_random_uuid(), 'Key', ${scopes}, sha256(${scopes}::bytea), now())`
    const authenticate = async (key: string, need: string | null): Promise<unknown> =>
      await codeOf(app`select tw.authenticate(null, sha256(${key}::bytea), null, ${need})`)
    for (const need of [null, '', 'session', 'admin'])
      expect([need, await authenticate('{tasks:read,tasks:write,account}', need)]).toEqual([need, 'TW403'])
    expect(await authenticate('{account}', 'account')).toBe('no error')
    expect(await authenticate('{account}', 'tasks:read')).toBe('TW403')
    expect(await codeOf(app`select tw.authenticate(null, null, null, 'tasks:read')`)).toBe('TW401')
  })

  test('a mutation id with another payload, or none, is refused', async () => {
    const user = await addUser(admin, 1)
    await admin`insert into auth.sessions (user_id, token_hash, expires_at) values (${user}, sha256('token'), now() + interval '1 hour')`
    const mutation = randomUUID()
    await admin`insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, revision, at) values (${user}, ${mutation}, ${user}, sha256('payload'), 1, now())`
    const write = async (payload: string | null): Promise<unknown> =>
      await codeOf(
        app`select tw.begin_mutation(null, sha256('token'), null, 'tasks:write', ${mutation}, sha256(${payload}::bytea), 'request')`,
      )
    expect([await write('payload'), await write('other'), await write(null)]).toEqual(['no error', 'TW422', 'TW422'])
  })
})
