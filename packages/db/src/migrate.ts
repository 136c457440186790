import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as applyPending } from 'drizzle-orm/postgres-js/migrator'
import type { Sql } from 'postgres'
import type { Address } from './address.ts'
import { connectOnce } from './connect.ts'
import type { Row } from './slot.ts'

const MIGRATIONS = { schema: 'tw_migrations', table: 'applied' }
// Any constant: what all that migrate this database wait for.
const LOCK = '7203847562911047'

export interface MigrateOptions {
  /** The owner's, direct and not through a pooler. */
  address: Address
  /** Where the migrations are; by default beside this package. */
  directory?: string
  /** How long to wait for another migrator, in milliseconds. */
  waitMs?: number
  log?: (level: 'info' | 'warn', message: string) => void
}

/** What was applied now, by name; empty when the database was up to date. */
export interface Migrated {
  applied: string[]
}

export const migrationsDirectory: string = fileURLToPath(new URL('../migrations', import.meta.url))

/**
 * Brings the database up to date, one migrator at a time: Drizzle's takes no lock, and skips a
 * migration that is older than the newest applied, so what is there is compared afterwards.
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const { address, directory = migrationsDirectory, waitMs = 60_000, log = () => {} } = options
  if (address.pooled)
    throw new Error('Migrations need a direct address, not a pooler: set DATABASE_OWNER_URL to the one without -pooler')
  await using connection = await connectOnce({ address, applicationName: 'taskwire-migrate' })
  const { sql } = connection

  await lock(sql, waitMs, log)
  const before = await appliedHashes(sql)
  // Drizzle changes how its client reads dates and JSON: this one is used for nothing else.
  await applyPending(drizzle({ client: sql }), {
    migrationsFolder: directory,
    migrationsSchema: MIGRATIONS.schema,
    migrationsTable: MIGRATIONS.table,
  })
  // So that every process can tell whether the database is up to date.
  await sql.unsafe(
    `grant usage on schema ${MIGRATIONS.schema} to taskwire_app; grant select on ${MIGRATIONS.schema}.${MIGRATIONS.table} to taskwire_app`,
  )
  const after = await appliedHashes(sql)
  const wanted = readMigrationFiles({ migrationsFolder: directory })
  const missing = wanted.filter((migration) => !after.has(migration.hash))
  if (missing.length > 0)
    throw new Error(
      `The database lacks ${missing.map((m) => m.name).join(', ')}, or holds another text of it: a migration was edited after it was applied, or is older than one that was. Restore the file, or add a new migration.`,
    )
  return { applied: wanted.filter((m) => !before.has(m.hash)).map((m) => m.name ?? m.hash) }
}

async function lock(sql: Sql, waitMs: number, log: NonNullable<MigrateOptions['log']>): Promise<void> {
  await sql`select set_config('lock_timeout', ${String(waitMs)}, false)`
  const [free] = await sql<{ locked: boolean }[]>`select pg_try_advisory_lock(${LOCK}::bigint) locked`
  if (free?.locked !== true) {
    log('info', 'Another process migrates the database; waiting for it')
    await sql`select pg_advisory_lock(${LOCK}::bigint)`
  }
  // A lock on a busy table is given up soon, rather than holding everybody up behind it.
  await sql`select set_config('lock_timeout', '2000', false)`
}

async function appliedHashes(sql: Sql): Promise<Set<string>> {
  const [table] = await sql<
    { there: boolean }[]
  >`select to_regclass(${`${MIGRATIONS.schema}.${MIGRATIONS.table}`}) is not null there`
  if (table?.there !== true) return new Set()
  const rows = await sql<{ hash: string }[]>`select hash from ${sql(`${MIGRATIONS.schema}.${MIGRATIONS.table}`)}`
  return new Set(rows.map((row) => row.hash))
}

/** True when every migration of this release has been applied; `query` may be of any login. */
export async function isMigrated(query: (text: string) => Promise<Row[]>): Promise<boolean> {
  const rows = await query(`select hash from ${MIGRATIONS.schema}.${MIGRATIONS.table}`)
  const applied = new Set(rows.map((row) => row['hash']))
  return readMigrationFiles({ migrationsFolder: migrationsDirectory }).every((migration) => applied.has(migration.hash))
}
