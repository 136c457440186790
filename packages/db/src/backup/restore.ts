import type { Readable } from 'node:stream'
import type { Sql } from 'postgres'
import type { Address } from '../connection/address.ts'
import { connectOnce } from '../connection/connect.ts'
import { readTable } from './back-up.ts'
import {
  BackupError,
  createDigester,
  damaged,
  type Digest,
  type Digests,
  END_OF_TABLE,
  FORMAT,
  FORMAT_VERSION,
  type Header,
  noBackup,
  readLines,
  type TableLine,
  type Trailer,
} from './format.ts'
import { columnsOf, migrationsOf, quoted, SAME_TEXT, type Table, TABLES } from './tables.ts'
import { codeOf } from '../errors.ts'

export interface RestoreOptions {
  /** The direct address of taskwire_owner, in a database that is migrated and empty. */
  address: Address
  /** The text of a backup. */
  from: Readable
  /**
   * Keeps the revision of every space. By default each is raised by a million, so that no revision assigned after the
   * backup is assigned again: clients that have seen such a revision get an error and resync.
   */
  exact?: boolean
  onTable?: (table: string, rows: number) => void
}

export interface Restored {
  /** When the backup was taken. */
  at: string
  tables: Digests
  /** How many accounts and keys are back, including those that were erased or revoked after the backup. */
  back: { accounts: number; keys: number; serviceKeys: number }
}

const REVISION_STEP = 1_000_000
/** Characters of rows in one INSERT. */
const BATCH_CHARACTERS = 1_000_000

/**
 * Restores a backup into an empty database, all or nothing, and compares the restored rows with the hashes of the
 * backup. Throws a BackupError if the file or the database is not suitable.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { address, from, exact = false, onTable = () => {} } = options
  const lines = readLines(from)
  const header = readHeader(await nextLine(lines))
  await using connection = await connectOnce({ address, applicationName: 'taskwire-restore' })
  const { sql } = connection
  await sql.unsafe(SAME_TEXT)
  const columns = await columnsOf(sql)
  refuseOtherSchema(header, await migrationsOf(sql), address)
  await sql.unsafe('begin')
  await refuseRows(sql, address)
  const transaction = await transactionOf(sql)
  // The trigger would create spaces, which the backup has.
  await sql.unsafe('alter table auth.users disable trigger users_make_space')
  const written: Digests = {}
  for (const table of TABLES) {
    const digest = await restoreTable(sql, table, columns.get(table.name) ?? [], lines)
    written[table.name] = digest
    onTable(table.name, digest.rows)
  }
  const { tables } = readTrailer(await nextLine(lines))
  if (!(await lines.next()).done) throw damaged('it continues after its last line')
  for (const table of TABLES) {
    const expected = tables[table.name]
    compare(table, 'the file', written[table.name], expected)
    compare(table, 'the database', await readTable(sql, table, columns.get(table.name) ?? [], async () => {}), expected)
  }
  if (!exact) await sql.unsafe(`update tw.spaces set revision = revision + ${REVISION_STEP} where revision > 0`)
  await sql.unsafe('alter table auth.users enable trigger users_make_space')
  const back = await countRestored(sql)
  // After a lost connection the driver would have reconnected by itself, and later statements were in no transaction.
  if ((await transactionOf(sql)) !== transaction)
    throw new Error('The connection to the database was lost: create the database again, and restore again.')
  await sql.unsafe('commit')
  return { at: header.at, tables, back }
}

/** Counts the accounts, and the keys that have not expired. */
async function countRestored(sql: Sql): Promise<Restored['back']> {
  const [row] = await sql<Restored['back'][]>`
    select (select count(*)::int from auth.users) as accounts,
      (select count(*)::int from tw.api_keys where expires_at is null or expires_at > now()) as keys,
      (select count(*)::int from tw.service_keys where expires_at is null or expires_at > now()) as "serviceKeys"`
  if (row === undefined) throw new Error('The database returned no row')
  return row
}

type Lines = AsyncGenerator<string, void>

async function nextLine(lines: Lines): Promise<string> {
  const next = await lines.next()
  if (next.done) throw damaged('it ends too early')
  return next.value
}

/** The members of a line's JSON object; none if the line is not a JSON object. */
function parseLine(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // The caller reports that members are missing.
  }
  return {}
}

function readHeader(line: string): Header {
  const { format, version, at, migrations } = parseLine(line)
  if (format !== FORMAT) throw noBackup()
  if (version !== FORMAT_VERSION)
    throw new BackupError(
      `The backup has format ${String(version)}, and this release reads ${FORMAT_VERSION}: restore with the release that wrote it.`,
    )
  if (typeof at !== 'string' || !Array.isArray(migrations)) throw damaged('its first line is incomplete')
  // refuseOtherSchema() compares the migrations as a whole.
  return { format: FORMAT, version, at, migrations: migrations as Header['migrations'] }
}

function readTrailer(line: string): Trailer {
  const { complete, tables } = parseLine(line)
  if (complete !== true || typeof tables !== 'object' || tables === null) throw damaged('its last line is missing')
  // Each member of `tables` is compared with the restored rows.
  return { complete, tables: tables as Digests }
}

function refuseOtherSchema({ migrations }: Header, found: Header['migrations'], { database }: Address): void {
  if (JSON.stringify(migrations) === JSON.stringify(found)) return
  const last = (list: Header['migrations']): string => list.at(-1)?.name ?? 'none'
  const difference =
    last(migrations) === last(found)
      ? `its migrations have other contents than those of the database ${database}`
      : `its last migration is ${last(migrations)}, and the last of the database ${database} is ${last(found)}`
  throw new BackupError(
    `The backup has another schema: ${difference}. Restore with the release that wrote the backup, then migrate.`,
  )
}

async function refuseRows(sql: Sql, { database }: Address): Promise<void> {
  for (const { name } of TABLES) {
    // Makes concurrent writers wait.
    await sql.unsafe(`lock table ${name} in share row exclusive mode`)
    const [row] = await sql.unsafe(`select 1 from ${name} limit 1`)
    if (row !== undefined)
      throw new BackupError(
        `The database ${database} is not empty: ${name} has rows. Restore into a database made for it; nothing was changed.`,
      )
  }
}

async function transactionOf(sql: Sql): Promise<string> {
  const [row] = await sql<{ id: string }[]>`select pg_backend_pid() || ' ' || pg_current_xact_id() as id`
  return row?.id ?? ''
}

async function restoreTable(sql: Sql, { name }: Table, columns: readonly string[], lines: Lines): Promise<Digest> {
  const line: Partial<TableLine> = parseLine(await nextLine(lines))
  if (line.table !== name) throw damaged(`it has ${String(line.table)} in place of ${name}`)
  if (JSON.stringify(line.columns) !== JSON.stringify(columns))
    throw damaged(`the columns of ${name} differ from the database's`)
  const insert = `insert into ${name} (${quoted(columns)})
    select ${quoted(columns)} from json_populate_recordset(null::${name}, $1::text::json)`
  const digester = createDigester()
  let rows: string[] = []
  let size = 0
  async function flush(): Promise<void> {
    // The rows are a parameter, since they are too long for a statement. The parameter is cast from text: the driver
    // would convert one of type JSON.
    if (rows.length > 0)
      await sql.unsafe(insert, [`[${rows.join()}]`]).catch((cause: unknown) => {
        throw toRestoreError(name, cause)
      })
    rows = []
    size = 0
  }
  for (;;) {
    const row = await nextLine(lines)
    if (row === END_OF_TABLE) break
    digester.add(`${row}\n`, 1)
    rows.push(row)
    size += row.length
    if (size > BATCH_CHARACTERS) await flush()
  }
  await flush()
  return digester.digest()
}

/** An error by which the database rejects rows means that they were altered. Other errors are returned unchanged. */
function toRestoreError(name: string, cause: unknown): unknown {
  const code = codeOf(cause)
  return /^2[23]/.test(code) ? damaged(`the database refuses rows of ${name} (${code})`) : cause
}

function compare({ name }: Table, where: string, found: Digest | undefined, expected: Digest | undefined): void {
  if (found?.rows === expected?.rows && found?.sha256 === expected?.sha256) return
  throw damaged(
    `${name} has ${found?.rows} rows of hash ${found?.sha256.slice(0, 12)} in ${where}, and ${expected?.rows} of hash ${expected?.sha256.slice(0, 12)} by the last line`,
  )
}
