import { afterAll, describe, expect, test } from 'vitest'
import { connectLogins } from './testing/logins.ts'
import { ownedTables } from './testing/owned.ts'

const logins = await connectLogins()
const { admin } = logins
afterAll(() => logins[Symbol.asyncDispose]())

/** The indexes for sweeping rows of all spaces, and the search index, whose terms begin with the space. */
const ACROSS_SPACES = ['changes_at_idx', 'mutations_at_idx', 'mutations_reply_idx', 'tasks_search_idx']

describe('keys', () => {
  interface FirstColumn {
    table: string
    name: string
    first: string | null
  }
  /** The first column of every key and index; null if it is an expression. */
  async function firstColumns(): Promise<FirstColumn[]> {
    return await admin<FirstColumn[]>`
      select con.conrelid::regclass::text as table, con.conname as name, a.attname as first
      from pg_constraint con join pg_attribute a on a.attrelid = con.conrelid and a.attnum = con.conkey[1]
      where con.connamespace = 'tw'::regnamespace and con.contype = 'f'
      union all
      select i.indrelid::regclass::text, c.relname, a.attname
      from pg_index i join pg_class c on c.oid = i.indexrelid left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where c.relnamespace = 'tw'::regnamespace
      order by 1, 2`
  }
  const firstOf = (rows: readonly FirstColumn[], of: string): [string, string | null][] =>
    rows.filter(({ table }) => table === of).map(({ name, first }) => [name, first])

  test('each key and index of a space’s table begins with space_id, except those that are for all spaces', async () => {
    const ofSpaces = (await ownedTables(admin)).filter(({ column }) => column === 'space_id').map(({ table }) => table)
    expect(ofSpaces).toEqual(['tw.changes', 'tw.lists', 'tw.mutations', 'tw.tasks'])
    const rows = (await firstColumns()).filter(({ table }) => ofSpaces.includes(table))
    expect(rows.length).toBeGreaterThan(15)
    expect(rows.filter(({ first }) => first !== 'space_id').map(({ name }) => name)).toEqual(ACROSS_SPACES)
  })

  test('the keys of api_keys begin with user_id; further indexes are by secret and by space', async () => {
    expect(firstOf(await firstColumns(), 'tw.api_keys')).toEqual([
      ['api_keys_pkey', 'user_id'],
      ['api_keys_secret_hash_idx', 'secret_hash'],
      ['api_keys_space_id_fkey', 'space_id'],
      ['api_keys_space_id_idx', 'space_id'],
      ['api_keys_user_id_fkey', 'user_id'],
    ])
  })

  test('only sign-in attempts and service keys belong to no space and no account', async () => {
    const owned = (await ownedTables(admin)).map(({ table }) => table)
    const rows = await admin<{ table: string }[]>`select oid::regclass::text as table from pg_class
      where relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and relkind in ('r', 'p') order by 1`
    expect(rows.map(({ table }) => table).filter((table) => !owned.includes(table))).toEqual([
      'auth.sign_in_attempts',
      'tw.service_keys',
    ])
  })

  test('in schema tw only spaces and api_keys reference accounts; rows of a space are deleted with it', async () => {
    const rows = await admin<{ name: string; to: string; onDelete: string; onUpdate: string; deferrable: boolean }[]>`
      select conname as name, confrelid::regclass::text as to, confdeltype as "onDelete", confupdtype as "onUpdate", condeferrable as deferrable
      from pg_constraint where connamespace in ('tw'::regnamespace, 'auth'::regnamespace) and contype = 'f' order by 1`
    const cascade = (name: string, to: string) => ({ name, to, onDelete: 'c', onUpdate: 'a', deferrable: false })
    expect(rows).toEqual([
      cascade('accounts_user_id_fkey', 'auth.users'),
      cascade('api_keys_space_id_fkey', 'tw.spaces'),
      cascade('api_keys_user_id_fkey', 'auth.users'),
      cascade('changes_space_id_fkey', 'tw.spaces'),
      cascade('lists_space_id_fkey', 'tw.spaces'),
      cascade('mutations_space_id_fkey', 'tw.spaces'),
      cascade('password_resets_user_id_fkey', 'auth.users'),
      cascade('sessions_user_id_fkey', 'auth.users'),
      cascade('spaces_owner_id_fkey', 'auth.users'),
      { ...cascade('tasks_list_id_fkey', 'tw.lists'), onDelete: 'a' },
      cascade('tasks_space_id_fkey', 'tw.spaces'),
    ])
  })

  test('each foreign key has an index', async () => {
    const bare = await admin`select con.conname from pg_constraint con
      where con.connamespace in ('tw'::regnamespace, 'auth'::regnamespace) and con.contype = 'f' and not exists (
        select from pg_index i where i.indrelid = con.conrelid
          and (i.indkey::int2[])[0:cardinality(con.conkey) - 1] = con.conkey
          -- A null refers to nothing.
          and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) in ('(list_id IS NOT NULL)', '(space_id IS NOT NULL)')))`
    expect(bare).toEqual([])
  })

  test('constraints and indexes have chosen names that show their kind', async () => {
    const rows = await admin<{ of: string; name: string; type: string }[]>`
      select coalesce(c.relname, t.typname) as of, con.conname as name, con.contype::text as type
      from pg_constraint con left join pg_class c on c.oid = con.conrelid left join pg_type t on t.oid = con.contypid
      where con.connamespace in ('tw'::regnamespace, 'auth'::regnamespace) and con.contype <> 'n'
      union select t.relname, c.relname, case when i.indisprimary then 'p' when i.indisunique then 'u' else 'i' end
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
      where c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace)`
    const ends: Record<string, string> = { p: 'pkey', u: 'key', f: 'fkey', c: 'check', i: 'idx' }
    expect(rows.length).toBeGreaterThan(60)
    for (const { of, name, type } of rows) {
      expect(name).toMatch(new RegExp(`^${of}_([a-z_]+_)?${ends[type] ?? '?'}$`))
      // PostgreSQL truncates names to 63 bytes.
      expect(name.length).toBeLessThan(60)
    }
  })
})
