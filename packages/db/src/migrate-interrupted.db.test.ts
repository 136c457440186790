import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Connection, connectOnce } from './connection/connect.ts'
import { RELEASE_FILE } from './function-set.ts'
import { migrate as migrateAll, type MigrateOptions, type Migrated } from './migrate.ts'
import { migrationsDirectory, readMigrations } from './migration-files.ts'
import { createEmptyDatabase, type TestDatabase } from './testing/index.ts'

// The key of the migrators' lock (migrate.ts).
const LOCK = '7203847562911047'
const MIGRATIONS = readMigrations(migrationsDirectory).map(({ name }) => name)

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

test('three concurrent migrators succeed, and each migration is applied once', async () => {
  await using database = await createEmptyDatabase()
  const runs = await Promise.all([1, 2, 3].map(async () => await migrate({ address: database.owner })))
  expect(runs.flatMap((run) => run.applied)).toEqual(MIGRATIONS)
  await using admin = await connect(database.admin)
  expect(await applied(admin.sql)).toEqual(MIGRATIONS)
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
