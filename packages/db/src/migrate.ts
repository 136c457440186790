import { setTimeout as pause } from 'node:timers/promises'
import type { Sql } from 'postgres'
import type { Address } from './connection/address.ts'
import { connectOnce } from './connection/connect.ts'
import { codeOf, isConnectionLost } from './errors.ts'
import {
  type AppliedFunctions,
  FUNCTIONS_TABLE,
  type FunctionSet,
  readAppliedFunctions,
  readFunctions,
  replaces,
  stepsOf,
} from './function-set.ts'
import type { Row } from './connection/outcome.ts'
import {
  type AppliedMigration,
  findPending,
  type Migration,
  migrationsDirectory,
  readMigrations,
} from './migration-files.ts'
import { refuseOldTables, refuseServer } from './migration-refusals.ts'

// Same columns as the table of Drizzle's own migrator.
const APPLIED = 'tw_migrations.applied'
// The key of the advisory lock that every migrator of a database takes: an arbitrary constant.
const LOCK = '7203847562911047'

export interface MigrateOptions {
  /** The address of taskwire_owner, direct and not through a pooler. */
  address: Address
  /** The directory of the migrations; by default this package's. */
  directory?: string
  /** The directory of the functions; by default this package's. */
  functionsDirectory?: string
  /** How long to wait for another migrator, and for tables that are in use, in milliseconds. */
  waitMs?: number
  /** How long one attempt waits for a table, in milliseconds; other statements queue behind it meanwhile. */
  lockTimeoutMs?: number
  log?: (level: 'info' | 'warn', message: string) => void
}

/** The result of a run. */
export interface Migrated {
  /** The names of the migrations that were applied; empty if the database had them all. */
  applied: string[]
  /** The release of the functions that were applied; null if the database had this or a newer one. */
  functions: number | null
}

/**
 * Applies the functions and all pending migrations, or nothing; one migrator at a time. Drizzle's migrator is not used:
 * it takes no lock, ignores edited migrations, applies migrations out of order, and ends the process when its
 * connection is lost (postgres.js issue 1154).
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const { address, directory = migrationsDirectory, waitMs = 60_000, lockTimeoutMs = 2000, log = () => {} } = options
  if (address.pooled)
    throw new Error(
      `The database at ${address.host} cannot be migrated through a pooler, which keeps no lock between transactions: give DATABASE_OWNER_URL the direct address (Neon's without -pooler).`,
    )
  const wanted = readMigrations(directory)
  const set = readFunctions(options.functionsDirectory)
  await using connection = await connectOnce({ address, applicationName: 'taskwire-migrate' })
  const { sql } = connection
  await refuseServer(sql, address)

  const deadline = Date.now() + waitMs
  const backend = await lock(sql, waitMs, log)
  await refuseOldTables(sql, address)
  const pending = findPending(wanted, await readApplied(sql))
  const functions = await functionsToApply(sql, set, log)
  if (pending.length === 0 && functions === null) return { applied: [], functions: null }
  await sql`select set_config('lock_timeout', ${String(lockTimeoutMs)}, false)`
  while (!(await apply(sql, backend, pending, functions))) {
    if (Date.now() > deadline)
      throw new Error(
        `A table that a migration changes was in use for ${waitMs} ms; nothing was changed. End the long transactions (pg_stat_activity), and migrate again.`,
      )
    log('warn', 'A table that a migration changes is in use; retrying')
    // Lets statements that queued behind the migration run.
    await pause(lockTimeoutMs / 2)
  }
  return { applied: pending.map((migration) => migration.name), functions: functions?.release ?? null }
}

/** Takes the lock until the session ends; returns the process id of the session. */
async function lock(sql: Sql, waitMs: number, log: NonNullable<MigrateOptions['log']>): Promise<number> {
  const [free] = await sql<{ locked: boolean }[]>`select pg_try_advisory_lock(${LOCK}::bigint) locked`
  if (free?.locked !== true) {
    log('info', 'Another process is migrating the database; waiting for it')
    await sql`select set_config('lock_timeout', ${String(waitMs)}, false)`
    try {
      await sql`select pg_advisory_lock(${LOCK}::bigint)`
    } catch (cause) {
      if (codeOf(cause) !== '55P03') throw cause
      throw new Error(
        `Another process has been migrating the database for ${waitMs} ms: look in pg_stat_activity for what the session taskwire-migrate is waiting for, then migrate again.`,
        { cause },
      )
    }
  }
  const [session] = await sql<{ pid: number }[]>`select pg_backend_pid() pid`
  return Number(session?.pid)
}

async function readApplied(sql: Sql): Promise<AppliedMigration[]> {
  const [table] = await sql<{ there: boolean }[]>`select to_regclass(${APPLIED}) is not null there`
  if (table?.there !== true) return []
  return await sql<AppliedMigration[]>`select name, hash from ${sql(APPLIED)}`
}

/** Returns the functions if they should replace those of the database, else null. */
async function functionsToApply(
  sql: Sql,
  set: FunctionSet,
  log: NonNullable<MigrateOptions['log']>,
): Promise<FunctionSet | null> {
  const [table] = await sql<{ there: boolean }[]>`select to_regclass(${FUNCTIONS_TABLE}) is not null there`
  const found: AppliedFunctions | undefined =
    table?.there === true ? await readAppliedFunctions(async (text) => await sql.unsafe(text)) : undefined
  if (found !== undefined && found.release > set.release)
    log(
      'info',
      `The database has the functions of release ${found.release}, newer than release ${set.release} of this process: keeping them`,
    )
  return replaces(set, found) ? set : null
}

const BEGIN = `begin;
  create schema if not exists tw_migrations;
  create table if not exists ${APPLIED} (
    id serial primary key, hash text not null, created_at bigint, name text, applied_at timestamptz default now()
  );
  -- Every process reads whether the database is up to date, and backups copy these tables.
  grant usage on schema tw_migrations to taskwire_app, taskwire_backup;
  grant select on ${APPLIED} to taskwire_app, taskwire_backup;
  grant select on ${APPLIED}_id_seq to taskwire_backup;
  create table if not exists ${FUNCTIONS_TABLE} (
    release int primary key, hash text not null, applied_at timestamptz not null default now()
  );
  grant select on ${FUNCTIONS_TABLE} to taskwire_app, taskwire_backup;`

interface Step {
  name: string
  text: string
}

function stepsToApply(pending: readonly Migration[], functions: FunctionSet | null): Step[] {
  return [
    { name: 'the table of migrations', text: BEGIN },
    ...pending.flatMap(({ name, hash, text, millis }) => [
      { name, text },
      {
        name,
        text: `insert into ${APPLIED} (hash, created_at, name) values ('${hash}', ${millis}, '${name.replaceAll("'", "''")}')`,
      },
    ]),
    ...(functions === null ? [] : stepsOf(functions)),
  ]
}

// Applies everything in one transaction, in several messages. After a lost connection postgres.js would send the next
// one on a new connection, outside of any transaction, so each message first checks its backend. Returns false if a
// table is in use.
async function apply(
  sql: Sql,
  backend: number,
  pending: readonly Migration[],
  functions: FunctionSet | null,
): Promise<boolean> {
  const sameBackend = `do $$ begin
    if pg_backend_pid() <> ${backend} then raise using errcode = '08003', message = 'The connection was lost'; end if;
  end $$;\n`
  const commit: Step = { name: 'COMMIT, the last step', text: 'commit' }
  let current = commit
  try {
    for (const step of [...stepsToApply(pending, functions), commit]) {
      current = step
      await sql.unsafe(sameBackend + step.text)
    }
    return true
  } catch (cause) {
    const code = codeOf(cause)
    const reason = `${cause instanceof Error ? cause.message : String(cause)}${hintOf(cause)}`
    if (isConnectionLost(cause)) {
      // Without the timeout of 0, the end would wait five seconds for an answer.
      await sql.end({ timeout: 0 })
      const outcome = current === commit ? 'it may or may not have been applied' : 'nothing was changed'
      // The service retries on this code.
      throw Object.assign(
        new Error(
          `The connection to the database was lost at ${current.name} (${reason}); ${outcome}: migrate again.`,
          {
            cause,
          },
        ),
        { code },
      )
    }
    // If the rollback fails too, the connection is lost; the first error is reported.
    await sql.unsafe('rollback').catch(() => {})
    if (code === '55P03') return false
    throw new Error(
      `The database refused ${current.name} (${reason}); nothing was changed: correct the migration or the data, and migrate again.`,
      { cause },
    )
  }
}

function hintOf(error: unknown): string {
  const hints = error instanceof Error ? [Reflect.get(error, 'detail'), Reflect.get(error, 'hint')] : []
  return hints
    .filter((hint) => typeof hint === 'string')
    .map((hint) => `; ${hint}`)
    .join('')
}

/** True if all migrations of this release have been applied, and its functions or newer ones. `query` may use any login. */
export async function isMigrated(query: (text: string) => Promise<Row[]>): Promise<boolean> {
  const rows = await query(`select hash from ${APPLIED}`)
  const applied = new Set(rows.map((row) => row['hash']))
  if (!readMigrations(migrationsDirectory).every((migration) => applied.has(migration.hash))) return false
  const functions = await readAppliedFunctions(query)
  return functions !== undefined && !replaces(readFunctions(), functions)
}
