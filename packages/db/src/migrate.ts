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

// As Drizzle's own migrator keeps it.
const APPLIED = 'tw_migrations.applied'
// Any constant: what all that migrate this database wait for.
const LOCK = '7203847562911047'
const OWNER = 'taskwire_owner'
const SET_UP = 'run npm run db:setup with the address of an administrator'

export interface MigrateOptions {
  /** The owner's, direct and not through a pooler. */
  address: Address
  /** Where the migrations are; by default beside this package. */
  directory?: string
  /** Where the functions are; by default beside this file. */
  functionsDirectory?: string
  /** How long to wait for another migrator, and for tables that are in use, in milliseconds. */
  waitMs?: number
  /** How long one try waits for a table before it lets those behind it go on, in milliseconds. */
  lockTimeoutMs?: number
  log?: (level: 'info' | 'warn', message: string) => void
}

/** What was applied now. */
export interface Migrated {
  /** Migrations by name; empty when the database had them all. */
  applied: string[]
  /** The release of the functions that were applied; null when the database had them, or those of a newer release. */
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
 * Brings the database up to date: all pending migrations or none, one migrator at a time. Not by
 * Drizzle's migrator, which takes no lock, passes over a migration that was edited, applies one that
 * comes too late, and ends the process when its connection breaks (postgres.js, 1154).
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
    log('warn', 'A table that a migration changes is in use; trying again')
    // So that whoever queued behind it gets the table in between.
    await pause(lockTimeoutMs / 2)
  }
  return { applied: pending.map((migration) => migration.name), functions: functions?.release ?? null }
}

/** The migrations of a directory in their order, each with what it is known by. */
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
  if (server === undefined) throw new Error('The database gave no answer')
  const { login, version, encoding, create, missing } = server
  const where = `The database ${address.database} at ${address.host}:${address.port}`
  if (login !== OWNER)
    throw new Error(
      `${where} is migrated by ${OWNER} alone, who then owns what is made, and not by ${login}: let DATABASE_OWNER_URL be of ${OWNER}.`,
    )
  if (version < 15) throw new Error(`${where} is of PostgreSQL ${version}: use 15 to 18.`)
  if (encoding !== 'UTF8')
    throw new Error(`${where} keeps text as ${encoding}, which cannot hold every character: make it anew with UTF8.`)
  if (missing.length > 0) throw new Error(`${where} has no role ${missing.join(', ')}: ${SET_UP}.`)
  if (!create) throw new Error(`${where} does not let ${OWNER} make schemas: ${SET_UP}.`)
}

/** Takes the lock for as long as the session lasts; gives the session's process id. */
async function lock(sql: Sql, waitMs: number, log: NonNullable<MigrateOptions['log']>): Promise<number> {
  const [free] = await sql<{ locked: boolean }[]>`select pg_try_advisory_lock(${LOCK}::bigint) locked`
  if (free?.locked !== true) {
    log('info', 'Another process migrates the database; waiting for it')
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

/** Before its first release the tables were made anew: what was made earlier is moved by export and import. */
async function refuseOldShape(sql: Sql, { host, port, database }: Address): Promise<void> {
  const [table] = await sql<{ there: boolean }[]>`select to_regclass('tw.user_heads') is not null there`
  if (table?.there !== true) return
  throw new Error(
    `The database ${database} at ${host}:${port} was made by a version of Taskwire before spaces, whose tables this one cannot read; nothing was changed. Export each account with the version that made it (taskwire export --format json), use an empty database (of the embedded one: move the folder .taskwire away), start, and import.`,
  )
}

async function readApplied(sql: Sql): Promise<Applied[]> {
  const [table] = await sql<{ there: boolean }[]>`select to_regclass(${APPLIED}) is not null there`
  if (table?.there !== true) return []
  return await sql<Applied[]>`select name, hash from ${sql(APPLIED)}`
}

/** The functions, where they are to replace those of the database. */
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
      `The database has the functions of release ${found.release}, newer than ${set.release} of this process: they stay`,
    )
  return replaces(set, found) ? set : null
}

/** What is still to be applied; refuses where another history than the directory's has been. */
function findPending(wanted: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const pending: Migration[] = []
  // Those of a newer release may be there: an older one runs beside it while it is rolled out.
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

// One transaction, message by message. postgres.js would go on with a later one on a new connection,
// outside of any transaction: so each begins by asking where it is. False: a table is in use.
async function apply(
  sql: Sql,
  backend: number,
  pending: readonly Migration[],
  functions: FunctionSet | null,
): Promise<boolean> {
  const here = `do $$ begin
    if pg_backend_pid() <> ${backend} then raise using errcode = '08003', message = 'The connection was lost'; end if;
  end $$;\n`
  const begin = `begin;
    create schema if not exists tw_migrations;
    create table if not exists ${APPLIED} (
      id serial primary key, hash text not null, created_at bigint, name text, applied_at timestamptz default now()
    );
    -- So that every process can tell whether the database is up to date, and a backup is whole.
    grant usage on schema tw_migrations to taskwire_app, taskwire_backup;
    grant select on ${APPLIED} to taskwire_app, taskwire_backup;
    grant select on ${APPLIED}_id_seq to taskwire_backup;
    create table if not exists ${FUNCTIONS_TABLE} (
      release int primary key, hash text not null, applied_at timestamptz not null default now()
    );
    grant select on ${FUNCTIONS_TABLE} to taskwire_app, taskwire_backup;`
  const last = 'its last step, COMMIT'
  let step = 'the table of migrations'
  try {
    await sql.unsafe(here + begin)
    for (const { name, hash, text, millis } of pending) {
      step = name
      await sql.unsafe(here + text)
      await sql.unsafe(
        `${here}insert into ${APPLIED} (hash, created_at, name) values ('${hash}', ${millis}, '${name.replaceAll("'", "''")}')`,
      )
    }
    for (const { name, text } of functions === null ? [] : stepsOf(functions)) {
      step = name
      await sql.unsafe(here + text)
    }
    step = last
    await sql.unsafe(`${here}commit`)
    return true
  } catch (cause) {
    const code = codeOf(cause)
    const reason = `${cause instanceof Error ? cause.message : String(cause)}${hintOf(cause)}`
    if (/^(08|57P|CONN|E[A-Z])/.test(code)) {
      // Ending it in peace would wait five seconds for an answer.
      await sql.end({ timeout: 0 })
      const outcome = step === last ? 'it may have been applied or not' : 'nothing was changed'
      // With its code, by which the service tells that trying again may help.
      throw Object.assign(
        new Error(`The database broke off at ${step} (${reason}); ${outcome}: migrate again.`, { cause }),
        { code },
      )
    }
    // Where it fails too, the connection is gone, and the cause is what matters.
    await sql.unsafe('rollback').catch(() => {})
    if (code === '55P03') return false
    throw new Error(
      `The database refused ${step} (${reason}); nothing was changed: mend the migration or what it meets, and migrate again.`,
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

/** True when every migration of this release has been applied, and its functions or newer ones; `query` may be of any login. */
export async function isMigrated(query: (text: string) => Promise<Row[]>): Promise<boolean> {
  const rows = await query(`select hash from ${APPLIED}`)
  const applied = new Set(rows.map((row) => row['hash']))
  if (!readMigrations(migrationsDirectory).every((migration) => applied.has(migration.hash))) return false
  const functions = await readAppliedFunctions(query)
  return functions !== undefined && !replaces(readFunctions(), functions)
}
