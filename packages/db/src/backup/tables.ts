import type { Sql } from 'postgres'
import type { Migration } from './format.ts'

export interface Table {
  name: string
  /** Its primary key. */
  key: string
}

/**
 * What a backup holds, in the order in which it is put back: each behind those that it refers to. The
 * migrations are not among it: a backup names them, and the database that takes it has them already.
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

/** In no backup: of these a restore would bring back what has been ended or used up since. */
const LEFT_OUT = ['auth.sessions', 'auth.password_resets', 'auth.tries']

/** So that the same rows are the same text on every server. */
export const SAME_TEXT = `set timezone = 'UTC'; set datestyle = 'ISO'; set bytea_output = 'hex'`

/** The columns of each of the tables; throws where the database has a table that no backup would hold. */
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
    throw new Error(`The database lacks ${missing.join(', ')}: run npm run db:migrate with this release.`)
  const known = new Set([...LEFT_OUT, ...TABLES.map(({ name }) => name)])
  const unknown = [...columns.keys()].filter((name) => !known.has(name))
  if (unknown.length > 0)
    throw new Error(
      `The database has ${unknown.join(', ')}, which this release does not know and would leave out: use the release that made it.`,
    )
  return columns
}

export function quoted(columns: readonly string[]): string {
  return columns.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ')
}

/** The migrations that the database has, in their order. */
export async function migrationsOf(sql: Sql): Promise<Migration[]> {
  const rows = await sql<Migration[]>`select name, hash from tw_migrations.applied order by name collate "C"`
  return rows.map(({ name, hash }) => ({ name, hash }))
}
