import { afterAll, expect, test } from 'vitest'
import { migrationsDirectory, readMigrations } from './migration-files.ts'
import { createEmptyDatabase } from './testing/index.ts'
import { addMigration, applied, connect, createTestMigrations, ONE, tables, TWO } from './testing/migrations.ts'

// The key of the migrators' lock (migrate.ts).
const LOCK = '7203847562911047'
const MIGRATIONS = readMigrations(migrationsDirectory).map(({ name }) => name)

const migrations = await createTestMigrations()
const { migrate, directory } = migrations
afterAll(() => migrations[Symbol.asyncDispose]())

test('three concurrent migrators succeed, and each migration is applied once', async () => {
  await using database = await createEmptyDatabase()
  const runs = await Promise.all([1, 2, 3].map(async () => await migrate({ address: database.owner })))
  expect(runs.flatMap((run) => run.applied)).toEqual(MIGRATIONS)
  await using admin = await connect(database.admin)
  expect(await applied(admin.sql)).toEqual(MIGRATIONS)
})

test('a migrator waits for another, and logs that it waits', async () => {
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
    'Another process has been migrating the database for 1 ms: look in pg_stat_activity for what the session taskwire-migrate is waiting for, then migrate again.',
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
  await addMigration(path, '20260101000001_two', TWO)
  expect(await migrate({ address: database.owner, directory: path })).toEqual({
    applied: ['20260101000000_one', '20260101000001_two'],
    functions: null,
  })
})

// The migration kills its own session, as an operator, a failover or a crash would.
const KILLED = 'select pg_terminate_backend(pg_backend_pid());'
test.each([
  ['in its first statement', `${KILLED}\n${TWO}`],
  [
    'halfway through',
    `create table stock.half (id int);\n--> statement-breakpoint\n${KILLED}\n--> statement-breakpoint\n${TWO}`,
  ],
  ['in its last statement', `${TWO}\n${KILLED}`],
])('a migrator killed %s changes nothing, and the next run succeeds', async (_where, text) => {
  await using database = await createEmptyDatabase()
  const path = await directory({ '20260101000000_one': ONE, '20260101000001_two': text })
  await addMigration(path, '20260101000002_three', 'create schema late; create table late.three (id int);')
  const failure: unknown = await migrate({ address: database.owner, directory: path }).catch((error: unknown) => error)
  expect(String(failure)).toMatch(
    /^Error: The connection to the database was lost at 20260101000001_two \(.+\); nothing was changed: migrate again\.$/,
  )
  // The service retries on these codes.
  expect(failure).toHaveProperty('code', expect.stringMatching(/^(57P01|CONNECTION_CLOSED|ECONNRESET|EPIPE)$/))
  await using admin = await connect(database.admin)
  expect(await applied(admin.sql)).toEqual([])
  expect(await tables(admin.sql)).toEqual([])
  expect(await admin.sql`select from pg_namespace where nspname = 'late'`).toHaveLength(0)
  await addMigration(path, '20260101000001_two', TWO)
  expect((await migrate({ address: database.owner, directory: path })).applied).toHaveLength(3)
})

test('a migrator killed at its commit says that the outcome is unknown', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({
    '20260101000000_one': `${ONE}
      create function stock.end_session() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
      create constraint trigger ends after insert on stock.one deferrable initially deferred for each row execute function stock.end_session();
      insert into stock.one values (1);`,
  })
  await expect(migrate({ address: database.owner, directory: path })).rejects.toThrow(
    /at COMMIT, the last step \(.+\); it may or may not have been applied: migrate again\.$/,
  )
  await using admin = await connect(database.admin)
  expect(await applied(admin.sql)).toEqual([])
})
