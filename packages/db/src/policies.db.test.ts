import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { become, codeOf, connectLogins } from './testing/logins.ts'
import { addUserWithRows, countsOf, ownedTables } from './testing/owned.ts'
import { GRANTS } from './testing/grants.ts'

const logins = await connectLogins()
const { admin, app } = logins
afterAll(() => logins[Symbol.asyncDispose]())

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
    const [ada, ben] = [await addUserWithRows(admin, 3), await addUserWithRows(admin, 3)]
    const tables = (await ownedTables(admin)).filter(({ table }) => `table ${table}` in (GRANTS['taskwire_app'] ?? {}))
    expect(tables.map(({ table }) => table)).toEqual([
      'auth.users',
      'tw.api_keys',
      'tw.changes',
      'tw.lists',
      'tw.mutations',
      'tw.spaces',
      'tw.tasks',
    ])
    await become(logins, ada)
    const one = { 'auth.users': 1, 'tw.spaces': 1 }
    const three = { 'tw.api_keys': 3, 'tw.changes': 3, 'tw.lists': 3, 'tw.mutations': 3, 'tw.tasks': 3 }
    expect(await countsOf(app, ada, tables)).toEqual({ ...one, ...three })
    // A call sees the rows of its space and those of its account: neither implies the other.
    await become(logins, ada, ben)
    expect(await countsOf(app, ada, tables)).toEqual({
      ...Object.fromEntries(tables.map(({ table }) => [table, 0])),
      'auth.users': 1,
      'tw.api_keys': 3,
    })
    expect(await countsOf(app, ben, tables)).toEqual({ ...one, ...three, 'auth.users': 0, 'tw.api_keys': 0 })
    await become(logins, ada)
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
      await become(logins, nobody)
      for (const { table, column } of tables)
        expect(await app`select ${app(column)} from ${app(table)}`).toHaveLength(0)
    }
    expect(Object.values(await countsOf(admin, ben, tables)).toSorted()).toEqual([1, 1, 3, 3, 3, 3, 3])
  })

  test('the backup role sees every row of every table', async () => {
    await addUserWithRows(admin, 2)
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
