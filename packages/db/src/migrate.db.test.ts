import { cp } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { readFunctions } from './function-set.ts'
import { isMigrated } from './migrate.ts'
import { migrationsDirectory, readMigrations } from './migration-files.ts'
import { createEmptyDatabase } from './testing/index.ts'
import { addMigration, connect, createTestMigrations, ONE, tables, TWO } from './testing/migrations.ts'
const MIGRATIONS = readMigrations(migrationsDirectory).map(({ name }) => name)

const migrations = await createTestMigrations()
const { migrate, directory } = migrations
afterAll(() => migrations[Symbol.asyncDispose]())

/** Creates a directory with this release's migrations and these. */
async function releaseMigrationsAnd(migrations: Record<string, string>): Promise<string> {
  const made = await directory(migrations)
  await cp(migrationsDirectory, made, { recursive: true })
  return made
}

test('a new database gets every migration, and a second run applies nothing', async () => {
  await using database = await createEmptyDatabase()
  expect(await migrate({ address: database.owner })).toEqual({
    applied: MIGRATIONS,
    functions: readFunctions().release,
  })
  expect(await migrate({ address: database.owner })).toEqual({ applied: [], functions: null })
  await using app = await connect(database.app)
  expect(await isMigrated(async (text) => await app.sql.unsafe(text))).toBe(true)
  await using admin = await connect(database.admin)
  await admin.sql`delete from tw_migrations.applied where name = ${MIGRATIONS.at(-1) ?? ''}`
  expect(await isMigrated(async (text) => await app.sql.unsafe(text))).toBe(false)
})

test('the owner has no rights beyond the objects that it owns', async () => {
  await using database = await createEmptyDatabase()
  await migrate({ address: database.owner })
  await using admin = await connect(database.admin)
  const [role] =
    await admin.sql`select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = 'taskwire_owner'`
  expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false })
  const owners = await admin.sql`select distinct pg_get_userbyid(c.relowner) as owner from pg_class c
    join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('tw', 'auth', 'tw_migrations')`
  expect(owners.map((row) => row['owner'])).toEqual(['taskwire_owner'])
})

test('if a table is in use the migrator retries, without blocking other statements for long', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({ '20260101000000_one': ONE })
  const options = { address: database.owner, directory: path, lockTimeoutMs: 1 }
  await migrate(options)
  await addMigration(path, '20260101000001_two', TWO)
  await addMigration(path, '20260101000002_wider', 'alter table stock.one add column wide text;')
  await using reader = await connect(database.owner)
  await reader.sql.unsafe('begin; select * from stock.one')
  await expect(migrate({ ...options, waitMs: 0 })).rejects.toThrow(
    'A table that a migration changes was in use for 0 ms; nothing was changed.',
  )
  await using admin = await connect(database.admin)
  expect(await tables(admin.sql)).toEqual(['one'])

  const { promise: ends, resolve } = Promise.withResolvers<unknown>()
  const logged: string[] = []
  const run = migrate({
    ...options,
    log: (_level, message) => {
      logged.push(message)
      if (logged.length === 1) resolve(reader.sql.unsafe('rollback'))
    },
  })
  await ends
  expect(await run).toEqual({ applied: ['20260101000001_two', '20260101000002_wider'], functions: null })
  expect(logged[0]).toBe('A table that a migration changes is in use; retrying')
  expect(await admin.sql`select count(*)::int as n from stock.two`).toEqual([{ n: 2 }])
})

test('an older release accepts a database that a newer one has migrated', async () => {
  await using database = await createEmptyDatabase()
  const older = { '20260101000000_one': ONE }
  await migrate({
    address: database.owner,
    directory: await directory({ ...older, '20260101000001_two': TWO }),
  })
  expect(await migrate({ address: database.owner, directory: await directory(older) })).toEqual({
    applied: [],
    functions: null,
  })
})

test('a backfill by the owner updates every row, although row-level security is forced', async () => {
  await using database = await createEmptyDatabase()
  await migrate({ address: database.owner })
  await using admin = await connect(database.admin)
  await admin.sql.unsafe(`
    insert into auth.users (id, name, email) select gen_random_uuid(), 'Somebody', i || '@example.com' from generate_series(1, 3) i;
    insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at)
      select id, gen_random_uuid(), 'List', 'list', '80000000', 1, now(), now() from auth.users;
    insert into tw.tasks (space_id, id, title, position, revision, created_at, updated_at)
      select id, gen_random_uuid(), 'Task', '80000000', 1, now(), now() from auth.users;
    insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, after)
      select id, 1, 1, now(), 'user', 'create', 'task', gen_random_uuid(), '{}' from auth.users;
    insert into tw.mutations (space_id, mutation_id, payload_hash, revision, at)
      select id, gen_random_uuid(), sha256(''), 1, now() from auth.users;
    insert into tw.api_keys (user_id, id, name, scopes, secret_hash, created_at)
      select id, gen_random_uuid(), 'Key', array['account'], sha256(''), now() from auth.users;
    insert into tw.service_keys (id, name, scopes, secret_hash)
      select gen_random_uuid(), 'Key ' || i, array['tasks:read'], sha256(i::text::bytea) from generate_series(1, 3) i;
    insert into auth.sessions (user_id, token_hash, expires_at) select id, sha256(id::text::bytea), now() from auth.users;
    insert into auth.accounts (user_id, provider_id, account_id) select id, 'credential', id::text from auth.users;
    insert into auth.sign_in_attempts (key, spent_until) select sha256(id::text::bytea), now() from auth.users;
    insert into auth.password_resets (user_id, token_hash, expires_at) select id, sha256(id::text::bytea), now() from auth.users;`)
  const everything = await admin.sql<{ name: string; key: string }[]>`
    select c.relname as key, c.oid::regclass::text as name from pg_class c
    where c.relkind = 'r' and c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) order by 1`
  expect(everything.length).toBeGreaterThan(10)
  const set: Record<string, string> = {
    'tw.service_keys': 'expires_at = now()',
    'tw.spaces': 'owner_id = owner_id',
    'auth.password_resets': 'expires_at = now()',
    'auth.sign_in_attempts': 'spent_until = now()',
  }
  // Each update must affect three rows, or the migration fails.
  const backfill = everything
    .map(
      ({ name }) => `do $$ declare n int; begin
        update ${name} set ${set[name] ?? (name.startsWith('auth.') ? 'updated_at = now()' : 'space_id = space_id')};
        get diagnostics n = row_count;
        if n <> 3 then raise '${name} had % rows', n; end if;
      end $$;`,
    )
    .join('\n--> statement-breakpoint\n')
  const path = await releaseMigrationsAnd({ '20991231000000_backfill': backfill })
  expect(await migrate({ address: database.owner, directory: path })).toEqual({
    applied: ['20991231000000_backfill'],
    functions: null,
  })
})
