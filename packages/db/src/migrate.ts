import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import type { Sql } from 'postgres'
import type { Address } from './connection/address.ts'
import { connectOnce } from './connection/connect.ts'
import {
  type AppliedFunctions,
  FUNCTIONS_TABLE,
  type FunctionSet,
  readAppliedFunctions,
  readFunctions,
  replaces,
  stepsOf,
} from './function-set.ts'
import type { Row } from './connection/pooled-connection.ts'

// Same columns as the table of Drizzle's own migrator.
const APPLIED = 'tw_migrations.applied'
// The key of the advisory lock that every migrator of a database takes: an arbitrary constant.
const LOCK = '7203847562911047'
const OWNER = 'taskwire_owner'
const SET_UP = 'run npm run db:setup with the address of an administrator'

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

interface Migration {
  name: string
  hash: string
  text: string
  millis: number
}
interface Applied {
  name: string | null
  hash: string
}

export const migrationsDirectory: string = fileURLToPath(new URL('../migrations', import.meta.url))

/**
 * Applies all pending migrations or none, and the functions; one migrator at a time. Not by Drizzle's migrator, which
 * takes no lock, ignores edited migrations, applies migrations out of order, and ends the process when its connection
 * is lost (postgres.js issue 1154).
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
  await checkServer(sql, address)

  const deadline = Date.now() + waitMs
  const backend = await lock(sql, waitMs, log)
  await refuseOldShape(sql, address)
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

/** Reads the migrations of a directory, in their order. */
function readMigrations(directory: string): Migration[] {
  let files: MigrationMeta[]
  try {
    files = readMigrationFiles({ migrationsFolder: directory })
  } catch (cause) {
    throw new Error(
      `The migrations cannot be read from ${directory}: put the folder migrations of packages/db there.`,
      {
        cause,
      },
    )
  }
  return files.map(({ name, hash, sql, folderMillis: millis }) => {
    if (!/^\d{14}_/.test(name))
      throw new Error(
        `The migration ${name} has no time in its name, by which it is ordered: name it as drizzle-kit does, 20261122093000_what.`,
      )
    return { name, hash, text: sql.join('\n'), millis }
  })
}

async function checkServer(sql: Sql, address: Address): Promise<void> {
  const [server] = await sql<
    { login: string; version: number; encoding: string; create: boolean; missing: string[] }[]
  >`
    select current_user as login, current_setting('server_version_num')::int / 10000 as version,
      getdatabaseencoding() as encoding, has_database_privilege(current_database(), 'create') as create,
      to_json(array(
        select name from unnest(array['taskwire_app', 'taskwire_auth', 'taskwire_definer', 'taskwire_backup']) name
        where not exists (select from pg_roles where rolname = name) order by name
      )) as missing`
  if (server === undefined) throw new Error('The database returned no row')
  const { login, version, encoding, create, missing } = server
  const where = `The database ${address.database} at ${address.host}:${address.port}`
  if (login !== OWNER)
    throw new Error(
      `${where} must be migrated by ${OWNER}, which then owns the tables, and not by ${login}: set DATABASE_OWNER_URL to an address of ${OWNER}.`,
    )
  if (version < 15) throw new Error(`${where} runs on PostgreSQL ${version}: use 15 to 18.`)
  if (encoding !== 'UTF8')
    throw new Error(
      `${where} has the encoding ${encoding}, which does not cover every character: create it again with UTF8.`,
    )
  if (missing.length > 0) throw new Error(`${where} has no role ${missing.join(', ')}: ${SET_UP}.`)
  if (!create) throw new Error(`${where} does not let ${OWNER} create schemas: ${SET_UP}.`)
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
        `Another process has been migrating the database for ${waitMs} ms: see in pg_stat_activity what taskwire-migrate waits for, and migrate again.`,
        { cause },
      )
    }
  }
  const [session] = await sql<{ pid: number }[]>`select pg_backend_pid() pid`
  return Number(session?.pid)
}

/** Refuses a database from before the tables were replaced, which has no migration path but export and import. */
async function refuseOldShape(sql: Sql, { host, port, database }: Address): Promise<void> {
  const [table] = await sql<{ there: boolean }[]>`select to_regclass('tw.user_heads') is not null there`
  if (table?.there !== true) return
  throw new Error(
    `The database ${database} at ${host}:${port} was made by a version of Taskwire before spaces, whose tables this one cannot read; nothing was changed. Export each account with the version that made it (taskwire export --format json), use an empty database (for the embedded database, move the folder .taskwire away), start, and import.`,
  )
}

async function readApplied(sql: Sql): Promise<Applied[]> {
  const [table] = await sql<{ there: boolean }[]>`select to_regclass(${APPLIED}) is not null there`
  if (table?.there !== true) return []
  return await sql<Applied[]>`select name, hash from ${sql(APPLIED)}`
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

/** Returns the pending migrations. Throws if the database has another history than the directory. */
function findPending(wanted: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const pending: Migration[] = []
  // A newer release may have applied more: during a rollout, an older release runs beside it.
  const newest =
    applied
      .map((row) => row.name ?? '')
      .toSorted()
      .at(-1) ?? ''
  for (const migration of wanted) {
    const { name, hash } = migration
    const same = applied.find((row) => row.name === name)
    if (same?.hash === hash) continue
    if (same !== undefined)
      throw new Error(
        `The migration ${name} was edited after this database had applied it: restore its file, and put the change into a new migration.`,
      )
    const renamed = applied.find((row) => row.hash === hash)
    if (renamed !== undefined)
      throw new Error(
        `The migration ${name} was applied by this database as ${String(renamed.name)}: give its folder that name again.`,
      )
    if (name < newest)
      throw new Error(
        `The migration ${name} is older than ${newest}, which this database has applied already: rename its folder to a later time, so that every database applies them in the same order.`,
      )
    pending.push(migration)
  }
  return pending
}

// Applies everything in one transaction, in several messages. After a lost connection postgres.js would send the next one
// on a new connection, outside of any transaction, so each message first checks its backend. Returns false if a table is
// in use.
async function apply(
  sql: Sql,
  backend: number,
  pending: readonly Migration[],
  functions: FunctionSet | null,
): Promise<boolean> {
  const sameBackend = `do $$ begin
    if pg_backend_pid() <> ${backend} then raise using errcode = '08003', message = 'The connection was lost'; end if;
  end $$;\n`
  const begin = `begin;
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
  const commit = 'COMMIT, the last step'
  let step = 'the table of migrations'
  try {
    await sql.unsafe(sameBackend + begin)
    for (const { name, hash, text, millis } of pending) {
      step = name
      await sql.unsafe(sameBackend + text)
      await sql.unsafe(
        `${sameBackend}insert into ${APPLIED} (hash, created_at, name) values ('${hash}', ${millis}, '${name.replaceAll("'", "''")}')`,
      )
    }
    for (const { name, text } of functions === null ? [] : stepsOf(functions)) {
      step = name
      await sql.unsafe(sameBackend + text)
    }
    step = commit
    await sql.unsafe(`${sameBackend}commit`)
    return true
  } catch (cause) {
    const code = codeOf(cause)
    const reason = `${cause instanceof Error ? cause.message : String(cause)}${hintOf(cause)}`
    if (/^(08|57P|CONN|E[A-Z])/.test(code)) {
      // An orderly end would wait five seconds for an answer.
      await sql.end({ timeout: 0 })
      const outcome = step === commit ? 'it may have been applied or not' : 'nothing was changed'
      // The service retries on this code.
      throw Object.assign(
        new Error(`The connection to the database was lost at ${step} (${reason}); ${outcome}: migrate again.`, {
          cause,
        }),
        { code },
      )
    }
    // If it fails too, the connection is lost; report the first error.
    await sql.unsafe('rollback').catch(() => {})
    if (code === '55P03') return false
    throw new Error(
      `The database refused ${step} (${reason}); nothing was changed: correct the migration or the data, and migrate again.`,
      { cause },
    )
  }
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? code : ''
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
