import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AT,
  BEN,
  type Constraints,
  createConstraints,
  DUE,
  LIST,
  type Row,
  ROWS,
  sha256,
  type Table,
  USER,
} from './testing/constraints.ts'
import { DOMAINS } from './testing/domains.ts'

let constraints: Constraints
let admin: Constraints['admin']
let refusal: Constraints['refusal']
beforeAll(async () => {
  constraints = await createConstraints()
  ;({ admin, refusal } = constraints)
})
afterAll(async () => await constraints[Symbol.asyncDispose]())

const OTHER = randomUUID()
const ALL_DAY = { due_date: '2026-11-22' }

/** Each constraint of a table, except domains, with what it refuses: changes to a row of ROWS, or several rows. */
const CASES: Record<string, { table: Table; refuses: (Row | Row[])[] }> = {
  users_pkey: { table: 'auth.users', refuses: [[{}, { email: 'other@example.com' }]] },
  users_email_key: { table: 'auth.users', refuses: [[{}, { id: OTHER }]] },
  users_external_id_key: {
    table: 'auth.users',
    refuses: [[{ external_id: 'x' }, { id: OTHER, email: 'other@example.com', external_id: 'x' }]],
  },
  users_email_external_id_check: { table: 'auth.users', refuses: [{ email: null }] },
  users_issuer_external_id_check: { table: 'auth.users', refuses: [{ issuer: sha256('x') }] },
  users_id_check: { table: 'auth.users', refuses: [{ id: '00000000-0000-0000-0000-000000000000' }] },
  sessions_pkey: { table: 'auth.sessions', refuses: [[{}, { token_hash: sha256('x') }]] },
  sessions_token_hash_key: { table: 'auth.sessions', refuses: [[{}, { id: OTHER }]] },
  sessions_user_id_fkey: { table: 'auth.sessions', refuses: [{ user_id: OTHER }] },
  accounts_pkey: { table: 'auth.accounts', refuses: [[{}, { account_id: 'x' }]] },
  accounts_provider_id_account_id_key: { table: 'auth.accounts', refuses: [[{}, { id: OTHER }]] },
  accounts_user_id_fkey: { table: 'auth.accounts', refuses: [{ user_id: OTHER }] },
  sign_in_attempts_pkey: { table: 'auth.sign_in_attempts', refuses: [[{}, {}]] },
  password_resets_pkey: { table: 'auth.password_resets', refuses: [[{}, { token_hash: sha256('y') }]] },
  password_resets_token_hash_key: { table: 'auth.password_resets', refuses: [[{}, { user_id: BEN }]] },
  password_resets_user_id_fkey: { table: 'auth.password_resets', refuses: [{ user_id: OTHER }] },
  spaces_pkey: { table: 'tw.spaces', refuses: [{ id: USER, owner_id: USER }] },
  spaces_owner_id_check: {
    table: 'tw.spaces',
    refuses: [{ id: OTHER }, { owner_id: USER }, { id: OTHER, owner_id: USER }],
  },
  spaces_owner_id_fkey: { table: 'tw.spaces', refuses: [{}] },
  lists_pkey: { table: 'tw.lists', refuses: [{ id: LIST }] },
  lists_space_id_fkey: { table: 'tw.lists', refuses: [{ space_id: OTHER }] },
  lists_name_key: { table: 'tw.lists', refuses: [{ name_key: 'home' }] },
  lists_position_key: { table: 'tw.lists', refuses: [{ position: '80000000' }] },
  // The id of its space means the inbox.
  lists_id_check: { table: 'tw.lists', refuses: [{ id: USER }] },
  tasks_pkey: { table: 'tw.tasks', refuses: [[{}, { position: '80000001' }]] },
  tasks_space_id_fkey: { table: 'tw.tasks', refuses: [{ space_id: OTHER }] },
  tasks_list_id_fkey: { table: 'tw.tasks', refuses: [{ list_id: OTHER }, { list_id: USER }] },
  tasks_completed_at_check: { table: 'tw.tasks', refuses: [{ complete: true }, { completed_at: AT }] },
  tasks_tags_check: {
    table: 'tw.tasks',
    refuses: [{ tags: ['a'] }, { tag_keys: ['a'] }, { tags: ['a', 'b'], tag_keys: ['a'] }],
  },
  tasks_due_check: {
    table: 'tw.tasks',
    refuses: [
      { ...DUE, due_zone: null },
      { ...DUE, due_time: null },
      { ...DUE, due_at: null },
      { ...DUE, due_date: null },
      { due_time: '09:30', due_zone: 'UTC' },
      // An all-day date has no instant.
      { ...ALL_DAY, due_at: '2026-11-22T00:00:00Z' },
      { due_at: DUE.due_at },
    ],
  },
  tasks_updated_at_check: { table: 'tw.tasks', refuses: [{ updated_at: '2026-11-22T09:30:00.122Z' }] },
  changes_pkey: { table: 'tw.changes', refuses: [[{}, { entity_id: OTHER }]] },
  changes_space_id_fkey: { table: 'tw.changes', refuses: [{ space_id: OTHER }] },
  changes_commit_check: { table: 'tw.changes', refuses: [{ revision: 2 }] },
  changes_before_after_check: { table: 'tw.changes', refuses: [{ after: null }] },
  mutations_pkey: { table: 'tw.mutations', refuses: [[{}, { revision: 1 }]] },
  mutations_space_id_fkey: { table: 'tw.mutations', refuses: [{ space_id: OTHER }] },
  api_keys_pkey: { table: 'tw.api_keys', refuses: [[{}, { secret_hash: sha256('x') }]] },
  api_keys_user_id_fkey: { table: 'tw.api_keys', refuses: [{ user_id: OTHER }] },
  api_keys_space_id_fkey: { table: 'tw.api_keys', refuses: [{ space_id: OTHER, scopes: ['tasks:read'] }] },
  api_keys_space_id_check: {
    table: 'tw.api_keys',
    refuses: [{ space_id: USER }, { space_id: USER, scopes: ['tasks:write', 'account'] }],
  },
  service_keys_pkey: { table: 'tw.service_keys', refuses: [[{}, { name: 'Other', secret_hash: sha256('x') }]] },
  service_keys_secret_hash_key: { table: 'tw.service_keys', refuses: [[{}, { id: OTHER, name: 'Other' }]] },
  service_keys_name_key: { table: 'tw.service_keys', refuses: [[{}, { id: OTHER, secret_hash: sha256('x') }]] },
  // A unique index and not a constraint, since it has an expression and a condition.
  tasks_position_key: {
    table: 'tw.tasks',
    refuses: [
      [{}, { id: OTHER }],
      [{ list_id: LIST }, { list_id: LIST, id: OTHER }],
    ],
  },
}

/** The constraint that refuses an ordinary row: null, except for the space of ROWS, which has no account. */
const letIn = (table: Table): string | null => (table === 'tw.spaces' ? 'spaces_owner_id_fkey' : null)

describe('every constraint', () => {
  test('has a case', async () => {
    // In PostgreSQL 18, NOT NULL is a constraint too; it has a test of its own.
    const rows = await admin<{ name: string }[]>`
      select conname as name from pg_constraint where connamespace in ('tw'::regnamespace, 'auth'::regnamespace) and contype not in ('n', 't')
      union select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indisunique and c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace)`
    const ofDomains = Object.keys(DOMAINS).map((name) => `${name}_check`)
    expect(rows.map((row) => row.name).toSorted()).toEqual([...Object.keys(CASES), ...ofDomains].toSorted())
  })

  test('of a domain is listed with all of its columns', async () => {
    const rows = await admin<{ name: string; columns: string[] }[]>`
      select t.typname as name, to_json(array(
        select a.attrelid::regclass || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relkind = 'r' and a.atttypid = t.oid and not a.attisdropped order by 1)) as columns
      from pg_type t where t.typtype = 'd' and t.typnamespace in ('tw'::regnamespace, 'auth'::regnamespace)`
    const listed = Object.entries(DOMAINS).map(([name, { columns }]) => [name, columns])
    expect(Object.fromEntries(rows.map(({ name, columns }) => [name, columns]))).toEqual(Object.fromEntries(listed))
  })

  test('of a table compares columns, or is a key: rules of single columns are domains', async () => {
    const rows = await admin`select conname as name from pg_constraint
      where connamespace in ('tw'::regnamespace, 'auth'::regnamespace) and conrelid <> 0 and contype = 'c' and cardinality(conkey) < 2`
    expect([...rows]).toEqual([{ name: 'users_id_check' }])
  })

  test.each(Object.entries(DOMAINS))('%s_check refuses and accepts, in every column', async (name, domain) => {
    const { columns, accepts, refuses, beside = () => ({}) } = domain
    expect(Math.min(columns.length, accepts.length, refuses.length)).toBeGreaterThan(0)
    for (const path of columns) {
      const [schema, relation, column = ''] = path.split('.')
      // The type of `columns` allows only this shape.
      const table = `${schema}.${relation}` as Table
      for (const value of refuses)
        expect([path, value, await refusal(table, { ...beside(value), [column]: value })]).toEqual([
          path,
          value,
          `${name}_check`,
        ])
      for (const value of accepts)
        expect([path, value, await refusal(table, { ...beside(value), [column]: value })]).toEqual([
          path,
          value,
          letIn(table),
        ])
    }
  })

  test.each(Object.entries(CASES))('%s refuses its cases', async (name, { table, refuses }) => {
    expect(refuses.length).toBeGreaterThan(0)
    for (const rows of refuses) expect([rows, await refusal(table, ...[rows].flat())]).toEqual([rows, name])
  })

  test.each(Object.keys(ROWS) as Table[])('accepts an ordinary row of %s', async (table) => {
    expect(await refusal(table, {})).toBe(letIn(table))
  })

  test('a key may be limited to a space, and rows keep the id of an erased account that created them', async () => {
    expect(await refusal('tw.api_keys', { space_id: USER, scopes: ['tasks:read', 'tasks:write'] })).toBeNull()
    for (const id of [USER, BEN, OTHER]) {
      expect(await refusal('tw.tasks', { user_id: id })).toBeNull()
      expect(await refusal('tw.changes', { actor_user_id: id })).toBeNull()
      expect(await refusal('tw.mutations', { user_id: id })).toBeNull()
    }
  })

  test('accepts valid due dates', async () => {
    for (const row of [DUE, ALL_DAY, { due_date: '0001-01-01' }, { due_date: '9999-12-31' }])
      expect(await refusal('tw.tasks', row)).toBeNull()
  })

  test('two tasks in the trash, and two lists, may have one position', async () => {
    expect(await refusal('tw.tasks', { deleted_at: AT }, { deleted_at: AT, id: OTHER })).toBeNull()
    expect(await refusal('tw.tasks', {}, { list_id: LIST, id: OTHER })).toBeNull()
  })

  test('a NOT NULL column refuses null', async () => {
    const columns = await admin<{ table: Table; name: string }[]>`
      select a.attrelid::regclass::text as table, a.attname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and c.relkind = 'r' and a.attnum > 0 and a.attnotnull and not a.attisdropped`
    expect(columns.length).toBeGreaterThan(60)
    for (const { table, name } of columns)
      expect([table, name, await refusal(table, { [name]: null })]).toEqual([
        table,
        name,
        expect.stringMatching(/^(23502|\w+_not_null)$/),
      ])
  })

  test('a list with tasks, even in the trash, cannot be deleted', async () => {
    await admin`insert into tw.tasks (space_id, id, list_id, title, position, revision, created_at, updated_at, deleted_at)
      values (${USER}, ${randomUUID()}, ${LIST}, 'Task', '80000000', 1, now(), now(), now())`
    await expect(admin`delete from tw.lists where id = ${LIST}`).rejects.toThrow('tasks_list_id_fkey')
  })
})
