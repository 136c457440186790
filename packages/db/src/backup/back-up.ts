import type { Writable } from 'node:stream'
import type { Sql } from 'postgres'
import type { Address } from '../connection/address.ts'
import { connectOnce } from '../connection/connect.ts'
import {
  createDigester,
  type Digest,
  type Digests,
  END_OF_TABLE,
  FORMAT,
  FORMAT_VERSION,
  type Header,
  type TableLine,
  type Trailer,
} from './format.ts'
import { columnsOf, migrationsOf, quoted, SAME_TEXT, type Table, TABLES } from './tables.ts'

export interface BackUpOptions {
  /** The address of taskwire_owner, direct and not through a pooler. */
  address: Address
  /** Receives the text, which the caller compresses and stores. */
  to: Writable
  /** Called after each table. */
  onTable?: (table: string, rows: number) => void
}

/** Rows fetched at a time. */
const BATCH_ROWS = 500

/**
 * Writes a backup of one snapshot, while the service goes on reading and writing. Needs no PostgreSQL client program.
 * Returns the number of rows and the hash of each table.
 */
export async function backUp({ address, to, onTable = () => {} }: BackUpOptions): Promise<Digests> {
  await using connection = await connectOnce({ address, applicationName: 'taskwire-backup' })
  const { sql } = connection
  await sql.unsafe(SAME_TEXT)
  await sql.unsafe('begin isolation level repeatable read, read only')
  const session = await sessionOf(sql)
  const columns = await columnsOf(sql)
  const migrations = await migrationsOf(sql)
  await writeLine(to, { format: FORMAT, version: FORMAT_VERSION, at: session.at, migrations } satisfies Header)
  const tables: Digests = {}
  for (const table of TABLES) {
    const names = columns.get(table.name) ?? []
    await writeLine(to, { table: table.name, columns: names } satisfies TableLine)
    const digest = await readTable(sql, table, names, async (rows) => await write(to, rows))
    await write(to, `${END_OF_TABLE}\n`)
    tables[table.name] = digest
    onTable(table.name, digest.rows)
  }
  // After a lost connection the driver would have reconnected by itself, and read on outside of the snapshot.
  const still = await sessionOf(sql)
  if (still.pid !== session.pid || still.at !== session.at)
    throw new Error('The connection to the database was lost: back up again.')
  await writeLine(to, { complete: true, tables } satisfies Trailer)
  return tables
}

/** Returns the process id of the connection's session, and when its transaction began. */
async function sessionOf(sql: Sql): Promise<{ pid: number; at: string }> {
  const [row] = await sql<{ pid: number; at: string }[]>`
    select pg_backend_pid() as pid, to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`
  if (row === undefined) throw new Error('The database returned no row')
  return row
}

/**
 * Reads the rows of a table, each as a line of JSON, in the order of the key, so that the same rows have the same hash
 * everywhere. Uses a cursor, since a COPY that the driver pauses never resumes (postgres.js, connection.js, CopyDone).
 */
export async function readTable(
  sql: Sql,
  { name, key }: Table,
  columns: readonly string[],
  each: (lines: string) => Promise<void>,
): Promise<Digest> {
  const digester = createDigester()
  // In the JSON text a line break is never part of a string: it is white space that json_agg() writes between values.
  const rows = sql.unsafe<{ line: string }[]>(
    `select replace(row_to_json(r)::text, e'\\n', ' ') as line
     from (select ${quoted(columns)} from ${name} order by ${key}) r`,
  )
  for await (const page of rows.cursor(BATCH_ROWS)) {
    const lines = page.map(({ line }) => `${line}\n`).join('')
    digester.add(lines, page.length)
    await each(lines)
  }
  return digester.digest()
}

async function writeLine(to: Writable, line: Header | TableLine | Trailer): Promise<void> {
  await write(to, `${JSON.stringify(line)}\n`)
}

async function write(to: Writable, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => to.write(text, (error) => (error ? reject(error) : resolve())))
}
