import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Connection, connectOnce } from './connection/connect.ts'
import { readFunctions, RELEASE_FILE } from './function-set.ts'
import {
  isMigrated,
  migrate as migrateAll,
  type MigrateOptions,
  type Migrated,
  migrationsDirectory,
} from './migrate.ts'
import { createEmptyDatabase, type TestDatabase } from './testing/index.ts'

// The key of the migrators' lock (migrate.ts).
const LOCK = '7203847562911047'
const [TABLES, FUNCTIONS] = ['20261122000000_tables', '20261122000001_functions']

let root: string
/** Runs migrations without functions, for another directory. */
async function migrate(options: MigrateOptions): Promise<Migrated> {
  return await migrateAll({
    ...(options.directory === undefined ? {} : { functionsDirectory: join(root, 'none') }),
    ...options,
  })
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'taskwire-migrations-'))
  await mkdir(join(root, 'none'))
  await writeFile(join(root, 'none', RELEASE_FILE), JSON.stringify({ release: 0, hash: '' }))
})
afterAll(async () => await rm(root, { recursive: true }))

/** Creates a directory of migrations, by name. */
async function directory(migrations: Record<string, string>): Promise<string> {
  const made = await mkdtemp(join(root, 'set-'))
  for (const [name, text] of Object.entries(migrations)) await add(made, name, text)
  return made
}
async function add(to: string, name: string, text: string): Promise<void> {
  await mkdir(join(to, name), { recursive: true })
  await writeFile(join(to, name, 'migration.sql'), text)
}
/** Creates a directory with this release's migrations and more. */
async function releaseMigrationsAnd(migrations: Record<string, string>): Promise<string> {
  const made = await directory(migrations)
  await cp(migrationsDirectory, made, { recursive: true })
  return made
}

async function connect(address: TestDatabase['admin']): Promise<Connection> {
  return await connectOnce({ address, applicationName: 'test' })
}
async function applied(sql: Sql): Promise<string[]> {
  const [schema] = await sql<{ there: boolean }[]>`select to_regclass('tw_migrations.applied') is not null there`
  if (schema?.there !== true) return []
  return (await sql<{ name: string }[]>`select name from tw_migrations.applied order by id`).map((row) => row.name)
}
async function tables(sql: Sql): Promise<string[]> {
  const rows = await sql<
    { name: string }[]
  >`select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'stock' and c.relkind = 'r' order by 1`
  return rows.map((row) => row.name)
}

const ONE = 'create schema stock;\n--> statement-breakpoint\ncreate table stock.one (id int);'
const TWO = 'create table stock.two (id int);\ninsert into stock.two values (1), (2);'

test('a new database gets every migration, and a second run applies nothing', async () => {
  await using database = await createEmptyDatabase()
  expect(await migrate({ address: database.owner })).toEqual({
    applied: [TABLES, FUNCTIONS],
    functions: readFunctions().release,
  })
  expect(await migrate({ address: database.owner })).toEqual({ applied: [], functions: null })
  await using app = await connect(database.app)
  expect(await isMigrated(async (text) => await app.sql.unsafe(text))).toBe(true)
  await using admin = await connect(database.admin)
  await admin.sql`delete from tw_migrations.applied where name = ${FUNCTIONS}`
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

test('other logins than the owner cannot migrate', async () => {
  await using database = await createEmptyDatabase()
  for (const [address, login] of [
    [database.admin, 'postgres'],
    [database.app, 'taskwire_app'],
  ] as const)
    await expect(migrate({ address })).rejects.toThrow(
      `must be migrated by taskwire_owner, which then owns the tables, and not by ${login}: set DATABASE_OWNER_URL to an address of taskwire_owner.`,
    )
})

test('three concurrent migrators succeed, and each migration is applied once', async () => {
  await using database = await createEmptyDatabase()
  const runs = await Promise.all([1, 2, 3].map(async () => await migrate({ address: database.owner })))
  expect(runs.flatMap((run) => run.applied)).toEqual([TABLES, FUNCTIONS])
  await using admin = await connect(database.admin)
  expect(await applied(admin.sql)).toEqual([TABLES, FUNCTIONS])
})

test('a migrator waits for another, and logs it', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({ '20260101000000_one': ONE })
  await using other = await connect(database.owner)
  await other.sql`select pg_advisory_lock(${LOCK}::bigint)`
  const logged: string[] = []
  const { promise: waits, resolve } = Promise.withResolvers<void>()
  const run = migrate({
    address: database.owner,
    directory: path,
    log: (_level, message) => {
      logged.push(message)
      resolve()
    },
  })
  await waits
  expect(await applied(other.sql)).toEqual([])
  await other.sql`select pg_advisory_unlock(${LOCK}::bigint)`
  expect(await run).toEqual({ applied: ['20260101000000_one'], functions: null })
  expect(logged).toEqual(['Another process is migrating the database; waiting for it'])

  await other.sql`select pg_advisory_lock(${LOCK}::bigint)`
  await expect(migrate({ address: database.owner, directory: path, waitMs: 1 })).rejects.toThrow(
    'Another process has been migrating the database for 1 ms: see in pg_stat_activity what taskwire-migrate waits for, and migrate again.',
  )
})

test('if a table is in use the migrator retries, without blocking other statements for long', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({ '20260101000000_one': ONE })
  const options = { address: database.owner, directory: path, lockTimeoutMs: 1 }
  await migrate(options)
  await add(path, '20260101000001_two', TWO)
  await add(path, '20260101000002_wider', 'alter table stock.one add column wide text;')
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

test('a migration that was edited after it was applied is refused, and nothing else is applied', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({ '20260101000000_one': ONE })
  await migrate({ address: database.owner, directory: path })
  await add(path, '20260101000000_one', `${ONE} -- as it should have been`)
  await add(path, '20260101000001_two', TWO)
  await expect(migrate({ address: database.owner, directory: path })).rejects.toThrow(
    'The migration 20260101000000_one was edited after this database had applied it: restore its file, and put the change into a new migration.',
  )
  await using admin = await connect(database.admin)
  expect(await applied(admin.sql)).toEqual(['20260101000000_one'])
  expect(await tables(admin.sql)).toEqual(['one'])
})

test('a migration that was renamed is refused', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({ '20260101000000_one': ONE })
  await migrate({ address: database.owner, directory: path })
  await rename(join(path, '20260101000000_one'), join(path, '20260101000009_uno'))
  await expect(migrate({ address: database.owner, directory: path })).rejects.toThrow(
    'The migration 20260101000009_uno was applied by this database as 20260101000000_one: give its folder that name again.',
  )
})

test('a migration older than an applied one is refused', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({ '20260101000001_one': ONE })
  await migrate({ address: database.owner, directory: path })
  await add(path, '20260101000000_two', TWO)
  await expect(migrate({ address: database.owner, directory: path })).rejects.toThrow(
    'The migration 20260101000000_two is older than 20260101000001_one, which this database has applied already: rename its folder to a later time, so that every database applies them in the same order.',
  )
  await using admin = await connect(database.admin)
  expect(await tables(admin.sql)).toEqual(['one'])
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

test('a directory without migrations, or with one without a time in its name, is refused', async () => {
  await using database = await createEmptyDatabase()
  await expect(migrate({ address: database.owner, directory: join(root, 'nowhere') })).rejects.toThrow(
    `The migrations cannot be read from ${join(root, 'nowhere')}: put the folder migrations of packages/db there.`,
  )
  await expect(migrate({ address: database.owner, directory: await directory({ first: ONE }) })).rejects.toThrow(
    'The migration first has no time in its name, by which it is ordered: name it as drizzle-kit does, 20261122093000_what.',
  )
})

test('if one migration fails, none is applied, and the error names it', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({
    '20260101000000_one': ONE,
    '20260101000001_two': `${TWO}\n--> statement-breakpoint\nalter table stock.two add unique (id);\n--> statement-breakpoint\ninsert into stock.two values (2);`,
  })
  await expect(migrate({ address: database.owner, directory: path })).rejects.toThrow(
    'The database refused 20260101000001_two (duplicate key value violates unique constraint "two_id_key"; Key (id)=(2) already exists.); nothing was changed: correct the migration or the data, and migrate again.',
  )
  await using admin = await connect(database.admin)
  expect(await tables(admin.sql)).toEqual([])
  expect(await applied(admin.sql)).toEqual([])
  await add(path, '20260101000001_two', TWO)
  expect(await migrate({ address: database.owner, directory: path })).toEqual({
    applied: ['20260101000000_one', '20260101000001_two'],
    functions: null,
  })
})

// The migration ends its own session, like an operator, a failover or a crash.
const KILLED = 'select pg_terminate_backend(pg_backend_pid());'
test.each([
  ['in its first statement', `${KILLED}\n${TWO}`],
  [
    'in its middle',
    `create table stock.half (id int);\n--> statement-breakpoint\n${KILLED}\n--> statement-breakpoint\n${TWO}`,
  ],
  ['in its last statement', `${TWO}\n${KILLED}`],
])('a migrator killed %s changes nothing, and the next run succeeds', async (_where, text) => {
  await using database = await createEmptyDatabase()
  const path = await directory({ '20260101000000_one': ONE, '20260101000001_two': text })
  await add(path, '20260101000002_three', 'create schema late; create table late.three (id int);')
  const failure: unknown = await migrate({ address: database.owner, directory: path }).catch((error: unknown) => error)
  expect(String(failure)).toMatch(
    /^Error: The connection to the database was lost at 20260101000001_two \(.+\); nothing was changed: migrate again\.$/,
  )
  // The service retries on this code.
  expect(failure).toHaveProperty('code', expect.stringMatching(/^(57P01|CONNECTION_CLOSED|ECONNRESET|EPIPE)$/))
  await using admin = await connect(database.admin)
  expect(await applied(admin.sql)).toEqual([])
  expect(await tables(admin.sql)).toEqual([])
  expect(await admin.sql`select from pg_namespace where nspname = 'late'`).toHaveLength(0)
  await add(path, '20260101000001_two', TWO)
  expect((await migrate({ address: database.owner, directory: path })).applied).toHaveLength(3)
})

test('a migrator killed at its commit does not say that nothing was changed', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({
    '20260101000000_one': `${ONE}
      create function stock.end_session() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
      create constraint trigger ends after insert on stock.one deferrable initially deferred for each row execute function stock.end_session();
      insert into stock.one values (1);`,
  })
  await expect(migrate({ address: database.owner, directory: path })).rejects.toThrow(
    /at COMMIT, the last step \(.+\); it may have been applied or not: migrate again\.$/,
  )
  await using admin = await connect(database.admin)
  expect(await applied(admin.sql)).toEqual([])
})

test('a pooled address is refused before anything connects', async () => {
  const address = {
    host: 'ep-x-pooler.example',
    port: 5432,
    database: 'd',
    user: 'u',
    password: '',
    tls: 'off',
    pooled: true,
  } as const
  await expect(migrate({ address })).rejects.toThrow(
    'The database at ep-x-pooler.example cannot be migrated through a pooler, which keeps no lock between transactions: give DATABASE_OWNER_URL the direct address',
  )
})

test('a database without UTF8, or in which the owner may not create schemas, is refused', async () => {
  await using database = await createEmptyDatabase()
  await using admin = await connect(database.admin)
  await admin.sql.unsafe(`revoke create on database ${database.name} from taskwire_owner`)
  await expect(migrate({ address: database.owner })).rejects.toThrow(
    /does not let taskwire_owner create schemas: run npm run db:setup with the address of an administrator\.$/,
  )
  const other = `${database.name}_ascii`
  await admin.sql.unsafe(
    `create database ${other} template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'`,
  )
  try {
    await expect(migrate({ address: { ...database.owner, database: other } })).rejects.toThrow(
      /has the encoding SQL_ASCII, which does not cover every character: create it again with UTF8\.$/,
    )
  } finally {
    await admin.sql.unsafe(`drop database ${other} with (force)`)
  }
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
