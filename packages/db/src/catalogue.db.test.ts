import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from './connection/connect.ts'
import { readFunctions } from './function-set.ts'
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

/** Every grant to other roles than the owner, except on functions of the set. A grant that is not listed fails the test. */
const GRANTS: Record<string, Record<string, string>> = {
  taskwire_app: {
    'schema auth': 'USAGE',
    'schema tw': 'USAGE',
    'schema tw_migrations': 'USAGE',
    'table tw_migrations.applied': 'SELECT',
    'table tw_migrations.functions': 'SELECT',
    'table auth.users': 'SELECT (created_at, email, id, name, time_zone), UPDATE (name, time_zone, updated_at)',
    'table tw.spaces': 'SELECT, UPDATE (changed_at, revision)',
    'table tw.lists': 'DELETE, INSERT, SELECT, UPDATE (name, name_key, position, revision, updated_at)',
    'table tw.tasks':
      'DELETE, INSERT, SELECT, UPDATE (complete, completed_at, deleted_at, description, due_at, due_date, due_time, due_zone, list_id, position, priority, revision, tag_keys, tags, title, updated_at)',
    'table tw.changes': 'INSERT, SELECT, UPDATE (after, before, redacted)',
    'table tw.mutations': 'INSERT, SELECT, UPDATE (reply)',
    'table tw.api_keys': 'DELETE, INSERT, SELECT',
    'function tw.account()': 'EXECUTE',
    'function tw.folded(text,text)': 'EXECUTE',
    'function tw.marks()': 'EXECUTE',
    'function tw.space()': 'EXECUTE',
    'function tw.search_key(uuid)': 'EXECUTE',
    'function tw.search_terms(text)': 'EXECUTE',
    'function tw.search_vector(uuid,text,text)': 'EXECUTE',
    'function tw.unspaced()': 'EXECUTE',
    'function tw.are_distinct(text[])': 'EXECUTE',
    'function tw.are_tags(text[],integer,integer)': 'EXECUTE',
    'function tw.is_line(text,integer)': 'EXECUTE',
    'function tw.unaccented(text)': 'EXECUTE',
  },
  taskwire_auth: {
    'schema auth': 'USAGE',
    'function tw.is_line(text,integer)': 'EXECUTE',
    'table auth.users': 'DELETE, INSERT, SELECT, UPDATE',
    'table auth.sessions': 'DELETE, INSERT, SELECT, UPDATE',
    'table auth.accounts': 'DELETE, INSERT, SELECT, UPDATE',
    'table auth.password_resets': 'DELETE, INSERT, SELECT, UPDATE',
    'table auth.sign_in_attempts': 'DELETE, INSERT, SELECT, UPDATE',
  },
  taskwire_definer: {
    'schema auth': 'USAGE',
    'schema tw': 'USAGE',
    'table auth.users': 'DELETE, SELECT (id)',
    'table auth.sessions': 'DELETE, SELECT (expires_at, id, token_hash, user_id), UPDATE (updated_at)',
    'table tw.spaces': 'INSERT, SELECT, UPDATE (revision)',
    'table tw.changes': 'DELETE, SELECT, UPDATE (redacted)',
    'table tw.mutations': 'DELETE, SELECT, UPDATE (reply)',
    'table tw.api_keys': 'SELECT',
    'table tw.service_keys': 'SELECT',
    'table tw.tasks': 'SELECT (ctid, description, space_id, title)',
    'function tw.is_line(text,integer)': 'EXECUTE',
    'function tw.account()': 'EXECUTE',
    'function tw.folded(text,text)': 'EXECUTE',
    'function tw.marks()': 'EXECUTE',
    'function tw.space()': 'EXECUTE',
    'function tw.search_key(uuid)': 'EXECUTE',
    'function tw.search_terms(text)': 'EXECUTE',
    'function tw.search_vector(uuid,text,text)': 'EXECUTE',
    'function tw.unaccented(text)': 'EXECUTE',
    'function tw.unspaced()': 'EXECUTE',
  },
  taskwire_backup: {
    'schema auth': 'USAGE',
    'schema tw': 'USAGE',
    'schema tw_migrations': 'USAGE',
    'sequence tw_migrations.applied_id_seq': 'SELECT',
    'table tw_migrations.applied': 'SELECT',
    'table tw_migrations.functions': 'SELECT',
    'table auth.users': 'SELECT',
    'table auth.sessions': 'SELECT',
    'table auth.accounts': 'SELECT',
    'table auth.password_resets': 'SELECT',
    'table auth.sign_in_attempts': 'SELECT',
    'table tw.spaces': 'SELECT',
    'table tw.lists': 'SELECT',
    'table tw.tasks': 'SELECT',
    'table tw.changes': 'SELECT',
    'table tw.mutations': 'SELECT',
    'table tw.api_keys': 'SELECT',
    'table tw.service_keys': 'SELECT',
  },
}

/** The functions with planner settings of their own; each says why. */
const PLANS: Record<string, string[]> = { 'tw.free_positions': ['enable_sort=off'] }

/** The security definer functions. */
const DEFINERS = ['tw.authenticate', 'tw.erase_me', 'tw.make_space', 'tw.search_locations', 'tw.sweep', 'tw.watch']

/** The indexes for sweeping rows of all spaces, and the search index, whose terms begin with the space. */
const ACROSS_SPACES = ['changes_at_idx', 'mutations_at_idx', 'mutations_reply_idx', 'tasks_search_idx']

describe('grants', () => {
  test('every grant is listed here; PUBLIC has none', async () => {
    // Functions of the set are tested in function-set.db.test.ts.
    const ofTheSet = readFunctions().files.map(({ name }) => name)
    const rows = await admin<{ grantee: string; thing: string; rights: string }[]>`
      with things as (
        select 'schema ' || nspname as thing, nspowner as owner, coalesce(nspacl, acldefault('n', nspowner)) as acl, null::text as "column"
        from pg_namespace where nspname in ('tw', 'auth', 'tw_migrations')
        union all
        select case relkind when 'S' then 'sequence ' else 'table ' end || c.oid::regclass, relowner,
          coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r' end, relowner)), null
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('tw', 'auth', 'tw_migrations') and relkind in ('r', 'p', 'v', 'm', 'S', 'f')
        union all
        select 'table ' || c.oid::regclass, relowner, attacl, attname
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('tw', 'auth', 'tw_migrations') and attacl is not null
        union all
        select 'function ' || p.oid::regprocedure, proowner, coalesce(proacl, acldefault('f', proowner)), null
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('tw', 'auth', 'tw_migrations')
          and p.proname <> all (string_to_array(${ofTheSet.join()}, ','))
      ), rights as (
        select case a.grantee when 0 then 'PUBLIC' else a.grantee::regrole::text end as grantee, thing, a.privilege_type as name,
          string_agg("column", ', ' order by "column") as columns, bool_or(is_grantable) as grantable
        from things, aclexplode(acl) a where a.grantee <> owner group by 1, 2, 3
      )
      select grantee, thing, string_agg(name || coalesce(' (' || columns || ')', '') || case when grantable then ' with grant option' else '' end,
        ', ' order by name) as rights
      from rights group by 1, 2`
    const found: Record<string, Record<string, string>> = {}
    for (const { grantee, thing, rights } of rows) (found[grantee] ??= {})[thing] = rights
    expect(found).toEqual(GRANTS)
  })

  test('columns of spaces and accounts have no statistics', async () => {
    const rows = await admin<{ name: string; target: number | null }[]>`
      select a.attrelid::regclass::text as name, a.attstattarget as target
      from pg_attribute a join pg_constraint k on k.conrelid = a.attrelid and k.contype = 'p'
      where a.attnum = k.conkey[1] and a.attrelid in (select oid from pg_class where relnamespace = 'tw'::regnamespace)
        and cardinality(k.conkey) > 1 order by 1`
    expect(rows).toEqual(
      ['tw.api_keys', 'tw.changes', 'tw.lists', 'tw.mutations', 'tw.tasks'].map((name) => ({ name, target: 0 })),
    )
  })

  test('nobody may execute a new function until it is granted', async () => {
    await owner`create function tw.later() returns int language sql return 1`
    for (const role of ['taskwire_app', 'taskwire_auth', 'taskwire_definer', 'taskwire_backup'])
      expect(await admin`select has_function_privilege(${role}, 'tw.later()', 'execute') as may`).toEqual([
        { may: false },
      ])
    await owner`drop function tw.later()`
  })

  test('the security definer functions are listed here, with a fixed search path, and their role owns nothing else', async () => {
    const rows = await admin<
      { name: string; owner: string; settings: string[] | null; definer: boolean; language: string }[]
    >`
      select p.pronamespace::regnamespace || '.' || p.proname as name, p.proowner::regrole::text as owner, to_json(p.proconfig) as settings,
        p.prosecdef as definer, l.lanname as language
      from pg_proc p join pg_language l on l.oid = p.prolang
      where p.pronamespace in ('tw'::regnamespace, 'auth'::regnamespace) order by 1`
    expect(rows.filter((row) => row.definer)).toEqual(
      DEFINERS.map((name) => ({
        name,
        owner: 'taskwire_definer',
        settings: [
          'search_path=pg_catalog, pg_temp',
          ...(name === 'tw.search_locations' ? ['enable_seqscan=off'] : []),
        ],
        definer: true,
        language: name === 'tw.watch' ? 'sql' : 'plpgsql',
      })),
    )
    for (const { name, owner: whose, settings, language } of rows.filter((row) => !row.definer)) {
      expect([name, whose, settings]).toEqual([name, 'taskwire_owner', PLANS[name] ?? null])
      expect(['sql', 'plpgsql']).toContain(language)
    }
    const owned = await admin`select relname from pg_class where relowner = 'taskwire_definer'::regrole
      union all select nspname from pg_namespace where nspowner = 'taskwire_definer'::regrole`
    expect(owned).toEqual([])
    expect(await admin`select has_schema_privilege('taskwire_definer', 'tw', 'create') as may`).toEqual([
      { may: false },
    ])
  })

  test('by default only its owner has rights on a new object', async () => {
    const rows =
      await admin`select defaclrole::regrole::text as role, defaclobjtype::text as type, defaclacl::text as acl,
      coalesce(defaclnamespace::regnamespace::text, '') as schema from pg_default_acl`
    expect(rows).toEqual([{ role: 'taskwire_owner', type: 'f', acl: '{taskwire_owner=X/taskwire_owner}', schema: '-' }])
  })

  test('no role has attributes beyond its grants, and only the owner is a member of another', async () => {
    const powers = await admin`select rolname from pg_roles where rolname like 'taskwire\\_%'
      and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)`
    expect(powers).toEqual([])
    const members =
      await admin`select roleid::regrole::text as role, member::regrole::text as member, admin_option as admin
      from pg_auth_members where roleid::regrole::text like 'taskwire\\_%' or member::regrole::text like 'taskwire\\_%'`
    expect(members.filter(({ member }) => String(member).startsWith('taskwire_'))).toEqual([
      { role: 'taskwire_definer', member: 'taskwire_owner', admin: false },
    ])
  })

  test('no function is declared leakproof, which would let it see rows before the policies apply', async () => {
    expect(
      await admin`select proname from pg_proc where pronamespace in ('tw'::regnamespace, 'auth'::regnamespace) and proleakproof`,
    ).toEqual([])
  })

  test('the only trigger is the one that creates a personal space', async () => {
    const triggers =
      await admin`select tgrelid::regclass::text as table, tgname as name, tgfoid::regproc::text as function from pg_trigger
      where not tgisinternal`
    expect(triggers).toEqual([{ table: 'auth.users', name: 'users_make_space', function: 'tw.make_space' }])
    const others = await admin`select rulename as name from pg_rules where schemaname in ('tw', 'auth')
      union all select evtname from pg_event_trigger union all select inhrelid::regclass::text from pg_inherits`
    expect(others).toEqual([])
  })

  test('the service cannot update ids, owners and times of creation', async () => {
    const columns = await admin<{ table: string; name: string }[]>`
      select a.attrelid::regclass::text as table, a.attname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`
    for (const { table, name } of columns) {
      const may =
        GRANTS['taskwire_app']?.[`table ${table}`]
          ?.match(/UPDATE \((.+)\)/)?.[1]
          ?.split(', ')
          .includes(name) ?? false
      const update = app`update ${app(table)} set ${app(name)} = default where false`
      expect([table, name, await codeOf(update)]).toEqual([table, name, may ? 'no error' : '42501'])
      if (['id', 'space_id', 'user_id', 'owner_id', 'actor_user_id', 'created_at', 'mutation_id', 'at'].includes(name))
        expect([table, name, may]).toEqual([table, name, false])
    }
  })

  test('the service reads no table of sign-in, except columns of users', async () => {
    for (const table of [
      'auth.sessions',
      'auth.accounts',
      'auth.password_resets',
      'auth.sign_in_attempts',
      'tw.service_keys',
    ])
      expect([table, await codeOf(app`select 1 from ${app(table)}`)]).toEqual([table, '42501'])
    expect(await codeOf(app`select email_verified from auth.users`)).toBe('42501')
    expect(await codeOf(app`select tw.make_space()`)).toBe('42501')
    for (const table of ['tw.tasks', 'tw.spaces', 'tw.changes'])
      expect([table, await codeOf(auth`select 1 from ${auth(table)}`)]).toEqual([table, '42501'])
    expect(await codeOf(auth`select tw.erase_me()`)).toBe('42501')
    for (const role of ['taskwire_owner', 'taskwire_definer', 'taskwire_backup', 'taskwire_auth'])
      expect([role, await codeOf(app`set role ${app(role)}`)]).toEqual([role, '42501'])
    for (const statement of [
      'create table tw.x ()',
      'create schema x',
      'alter table tw.tasks disable row level security',
      'truncate tw.tasks',
      'create table public.x ()',
    ])
      expect([statement, await codeOf(app.unsafe(statement))]).toEqual([statement, '42501'])
  })
})

/** Adds an account with `rows` rows in each table of it and of its personal space; returns the id of both. */
async function addUser(rows: number): Promise<string> {
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
async function ownedTables(): Promise<Owned[]> {
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

describe('the policies', () => {
  test('row-level security is enabled and forced on every table', async () => {
    const rows = await admin<
      { table: string; restricted: boolean }[]
    >`select oid::regclass::text as table, relrowsecurity and relforcerowsecurity as restricted
      from pg_class where relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and relkind in ('r', 'p') order by 1`
    expect(rows.length).toBeGreaterThanOrEqual(11)
    expect(rows.filter((row) => !row.restricted)).toEqual([])
    // A view would read as its owner.
    expect(
      await admin`select relname from pg_class where relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and relkind in ('v', 'm', 'f')`,
    ).toEqual([])
  })

  test('each table has exactly the policies of its kind', async () => {
    const rows = await admin<{ table: string; policies: string[] }[]>`
      select schemaname || '.' || tablename as table, to_json(array_agg(policyname || ' ' || permissive || ' ' || cmd || ' to ' || array_to_string(roles, ',')
        || ': ' || coalesce(qual, '') || ' / ' || coalesce(with_check, '') order by policyname)) as policies
      from pg_policies where schemaname in ('tw', 'auth') group by 1 order by 1`
    const kinds: Record<string, string[]> = {
      'auth.accounts': ['auth'],
      'auth.password_resets': ['auth'],
      'auth.sessions': ['auth'],
      'auth.sign_in_attempts': ['auth'],
      'auth.users': ['app', 'auth'],
      'tw.api_keys': ['app'],
      'tw.changes': ['app'],
      'tw.lists': ['app'],
      'tw.mutations': ['app'],
      'tw.service_keys': [],
      'tw.spaces': ['app'],
      'tw.tasks': ['app'],
    }
    const own: Record<string, string> = {
      'auth.users': '(id = tw.account())',
      'tw.api_keys': '(user_id = tw.account())',
      'tw.spaces': '(id = tw.space())',
    }
    expect(rows.map((row) => row.table)).toEqual(Object.keys(kinds))
    for (const { table, policies } of rows) {
      const name = table.split('.')[1]
      const its = own[table] ?? '(space_id = tw.space())'
      const expected = ['owner', 'definer', ...(kinds[table] ?? [])].map(
        (role) =>
          `${name}_${role} PERMISSIVE ALL to taskwire_${role}: ${role === 'app' ? `${its} / ${its}` : 'true / true'}`,
      )
      expect(policies).toEqual([...expected, `${name}_backup PERMISSIVE SELECT to taskwire_backup: true / `].toSorted())
    }
  })

  test('each policy of the service compares with tw.space() or tw.account(), without a subquery', async () => {
    const rows = await admin<{ name: string; side: string; expression: string; tree: string }[]>`
      select polname as name, side, pg_get_expr(tree, polrelid) as expression, tree::text as tree
      from pg_policy, lateral (values ('using', polqual), ('with check', polwithcheck)) s (side, tree)
      where tree is not null and polrelid in (select oid from pg_class where relnamespace in ('tw'::regnamespace, 'auth'::regnamespace))`
    expect(rows.length).toBeGreaterThan(80)
    for (const { name, side, expression, tree } of rows) {
      if (name.endsWith('_app'))
        expect([name, side, expression]).toEqual([
          name,
          side,
          expect.stringMatching(/^\(\w+ = tw\.(space|account)\(\)\)$/),
        ])
      expect([name, side, tree.includes('SUBLINK')]).toEqual([name, side, false])
    }
  })

  test('the service sees and writes its caller’s rows only, and sees none without a caller', async () => {
    const [ada, ben] = [await addUser(3), await addUser(3)]
    const tables = (await ownedTables()).filter(({ table }) => `table ${table}` in (GRANTS['taskwire_app'] ?? {}))
    expect(tables.map(({ table }) => table)).toEqual([
      'auth.users',
      'tw.api_keys',
      'tw.changes',
      'tw.lists',
      'tw.mutations',
      'tw.spaces',
      'tw.tasks',
    ])
    await become(ada)
    const one = { 'auth.users': 1, 'tw.spaces': 1 }
    const three = { 'tw.api_keys': 3, 'tw.changes': 3, 'tw.lists': 3, 'tw.mutations': 3, 'tw.tasks': 3 }
    expect(await countsOf(app, ada, tables)).toEqual({ ...one, ...three })
    // A call sees the rows of its space and those of its account: neither implies the other.
    await become(ada, ben)
    expect(await countsOf(app, ada, tables)).toEqual({
      ...Object.fromEntries(tables.map(({ table }) => [table, 0])),
      'auth.users': 1,
      'tw.api_keys': 3,
    })
    expect(await countsOf(app, ben, tables)).toEqual({ ...one, ...three, 'auth.users': 0, 'tw.api_keys': 0 })
    await become(ada)
    for (const count of Object.values(await countsOf(app, ben, tables))) expect(count).toBe(0)
    for (const statement of [
      `insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at) values ('${ben}', gen_random_uuid(), 'x', 'x', '90000000', 1, now(), now())`,
      `insert into tw.tasks (space_id, id, title, position, revision, created_at, updated_at) values ('${ben}', gen_random_uuid(), 'x', '90000000', 1, now(), now())`,
      `insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, after) values ('${ben}', 9, 9, now(), 'user', 'create', 'task', gen_random_uuid(), '{}')`,
      `insert into tw.mutations (space_id, mutation_id, payload_hash, revision, at) values ('${ben}', gen_random_uuid(), sha256('x'), 1, now())`,
      `insert into tw.api_keys (user_id, id, name, scopes, secret_hash, created_at) values ('${ben}', gen_random_uuid(), 'x', '{account}', sha256('x'), now())`,
    ])
      expect([statement, await codeOf(app.unsafe(statement))]).toEqual([statement, '42501'])
    // A task cannot be put into another user's list either, though foreign keys are checked without the policies.
    const [list] = await admin<{ id: string }[]>`select id from tw.lists where space_id = ${ben} limit 1`
    expect(await codeOf(app`update tw.tasks set list_id = ${list?.id ?? ''}`)).toBe('23503')
    for (const { table } of tables) {
      const change =
        table === 'tw.changes'
          ? 'redacted = true'
          : table === 'tw.mutations'
            ? 'reply = null'
            : table === 'auth.users' || table === 'tw.lists'
              ? 'name = name'
              : table === 'tw.tasks'
                ? 'title = title'
                : table === 'tw.spaces'
                  ? 'revision = revision'
                  : null
      const changed =
        change === null ? await app.unsafe(`delete from ${table}`) : await app.unsafe(`update ${table} set ${change}`)
      expect([table, changed.count]).toEqual([table, table === 'auth.users' || table === 'tw.spaces' ? 1 : 3])
    }
    for (const nobody of ['', randomUUID()]) {
      await become(nobody)
      for (const { table, column } of tables)
        expect(await app`select ${app(column)} from ${app(table)}`).toHaveLength(0)
    }
    expect(Object.values(await countsOf(admin, ben, tables)).toSorted()).toEqual([1, 1, 3, 3, 3, 3, 3])
  })

  test('the backup role sees every row of every table', async () => {
    await addUser(2)
    await admin`insert into auth.sign_in_attempts (key, spent_until) values (sha256('x'), now())`
    await admin`insert into tw.service_keys (id, name, scopes, secret_hash) values (gen_random_uuid(), 'x', '{tasks:read}', sha256('x'))`
    const tables = await admin<{ table: string }[]>`select oid::regclass::text as table from pg_class
      where relnamespace in ('tw'::regnamespace, 'auth'::regnamespace, 'tw_migrations'::regnamespace) and relkind = 'r'`
    for (const { table } of tables) {
      const [all] = await admin<{ n: number }[]>`select count(*)::int n from ${admin(table)}`
      // Like pg_dump --role=taskwire_backup --enable-row-security.
      await admin`set role taskwire_backup`
      const [seen] = await admin<{ n: number }[]>`select count(*)::int n from ${admin(table)}`
      await admin`reset role`
      expect([table, seen?.n]).toEqual([table, all?.n])
      expect(all?.n).toBeGreaterThan(0)
    }
  })
})

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
    const ofSpaces = (await ownedTables()).filter(({ column }) => column === 'space_id').map(({ table }) => table)
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
    const owned = (await ownedTables()).map(({ table }) => table)
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
    const [gone, kept] = [await addUser(1000), await addUser(2)]
    // Rows that it created in another space belong to that space, and stay.
    await admin`update tw.tasks set user_id = ${gone} where space_id = ${kept}`
    await admin`update tw.changes set actor_user_id = ${gone} where space_id = ${kept}`
    const tables = await ownedTables()
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
    const user = await addUser(1)
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
    const user = await addUser(1)
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
    const user = await addUser(1)
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
