import { fileURLToPath } from 'node:url'
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'

export interface Migration {
  name: string
  hash: string
  text: string
  millis: number
}
/** A row of the table of migrations. */
export interface AppliedMigration {
  name: string | null
  hash: string
}

export const migrationsDirectory: string = fileURLToPath(new URL('../migrations', import.meta.url))

/** Reads the migrations of a directory, in their order. */
export function readMigrations(directory: string): Migration[] {
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

/** Returns the pending migrations. Throws if the database has another history than the directory. */
export function findPending(wanted: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
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
