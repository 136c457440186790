import { afterAll, describe, expect, test } from 'vitest'
import { readFunctions } from './function-set.ts'
import { codeOf, connectLogins } from './testing/logins.ts'
import { GRANTS } from './testing/grants.ts'

const logins = await connectLogins()
const { admin, owner, app, auth } = logins
afterAll(() => logins[Symbol.asyncDispose]())

/** The functions with planner settings of their own; a comment in each says why. */
const PLANS: Record<string, string[]> = { 'tw.free_positions': ['enable_sort=off'] }

/** The security definer functions. */
const DEFINERS = [
  'tw.add_user',
  'tw.authenticate',
  'tw.erase_me',
  'tw.make_space',
  'tw.search_locations',
  'tw.sweep',
  'tw.users_page',
  'tw.watch',
]

describe('grants', () => {
  test('every grant is listed here; PUBLIC has none', async () => {
    // The functions of src/functions are tested in function-set.db.test.ts.
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
        language: ['tw.users_page', 'tw.watch'].includes(name) ? 'sql' : 'plpgsql',
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
