import type { Sql } from 'postgres'
import { COMMANDS } from '../commands.ts'
import type { Migration } from './format.ts'

export interface Table {
  name: string
  /** The columns of its primary key. */
  key: string
}

/**
 * The tables of a backup, in the order of restoring: each after the tables that it references. The table of
 * migrations is left out: the header has their names, and the database to restore into has applied them.
 */
export const TABLES: readonly Table[] = [
  { name: 'auth.users', key: 'id' },
  { name: 'auth.accounts', key: 'id' },
  { name: 'tw.spaces', key: 'id' },
  { name: 'tw.lists', key: 'space_id, id' },
  { name: 'tw.tasks', key: 'space_id, id' },
  { name: 'tw.changes', key: 'space_id, revision' },
  { name: 'tw.mutations', key: 'space_id, mutation_id' },
  { name: 'tw.api_keys', key: 'user_id, id' },
  { name: 'tw.service_keys', key: 'id' },
]

/** Tables that are not in a backup: a restore would bring back sessions and links that have ended since. */
const LEFT_OUT = ['auth.sessions', 'auth.password_resets', 'auth.sign_in_attempts']

/** Makes the same rows the same text on every server. */
export const SAME_TEXT = `set timezone = 'UTC'; set datestyle = 'ISO'; set bytea_output = 'hex'`

/** The columns of each table. Throws if the database has a table that is unknown here, or lacks one. */
export async function columnsOf(sql: Sql): Promise<Map<string, string[]>> {
  const rows = await sql<{ name: string; columns: string[] }[]>`
    select n.nspname || '.' || c.relname as name, to_json(array(
      select a.attname from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attname collate "C"
    )) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('tw', 'auth') and c.relkind in ('r', 'p')`
  const columns = new Map(rows.map((row) => [row.name, row.columns]))
  const missing = TABLES.filter(({ name }) => !columns.has(name)).map(({ name }) => name)
  if (missing.length > 0)
    throw new Error(`The database has no ${missing.join(', ')}: run ${COMMANDS.migrate} with this release.`)
  const known = new Set([...LEFT_OUT, ...TABLES.map(({ name }) => name)])
  const unknown = [...columns.keys()].filter((name) => !known.has(name))
  if (unknown.length > 0)
    throw new Error(
      `The database has ${unknown.join(', ')}, which this release does not know and would leave out: use the release that created it.`,
    )
  return columns
}

export function quoted(columns: readonly string[]): string {
  return columns.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ')
}

/** The migrations that were applied to the database, in their order. */
export async function migrationsOf(sql: Sql): Promise<Migration[]> {
  const rows = await sql<Migration[]>`select name, hash from tw_migrations.applied order by name collate "C"`
  return rows.map(({ name, hash }) => ({ name, hash }))
}
