import { readFile } from 'node:fs/promises'
import { APP_CODES, type User } from '@taskwire/contract'
import { CsvError, parse } from 'csv-parse/sync'
import { ConfigError } from '../config.ts'
import { AppError } from '../errors.ts'
import { counted } from './counted.ts'
import { fileReason } from './file-errors.ts'
import type { Operator } from './operator.ts'

const REQUIRED = ['externalId', 'name'] as const
const COLUMNS: readonly string[] = [...REQUIRED, 'email', 'timeZone']

type Outcome = 'created' | 'updated' | 'unchanged'
type Row = Partial<Record<string, string>>

/**
 * Creates or updates an account for each row of a CSV file. If rows are refused, imports the others, then throws a
 * ConfigError.
 */
export async function importUsers(file: string, operator: Operator, note: (line: string) => void): Promise<void> {
  const counts: Record<Outcome, number> = { created: 0, updated: 0, unchanged: 0 }
  const refused: string[] = []
  for (const { row, line } of await readRows(file))
    try {
      counts[await importUser(row, operator)]++
    } catch (error) {
      if (!(error instanceof AppError) || APP_CODES[error.appCode].retryable) throw error
      refused.push(`line ${line}: ${error.message}`)
    }
  note(`${counted(counts.created, 'account')} created, ${counts.updated} updated, ${counts.unchanged} unchanged`)
  if (refused.length > 0) throw new ConfigError([`${counted(refused.length, 'row')} refused:`, ...refused].join('\n'))
}

async function readRows(file: string): Promise<{ row: Row; line: number }[]> {
  try {
    const options = {
      bom: true,
      columns: (header: string[]) => checkColumns(header.map((name) => name.trim())),
      // An id is not trimmed, since two ids could become one. With blanks at its ends, it is refused like any invalid id.
      cast: (value: string, { column }: { column: string | number }) =>
        column === 'externalId' ? value : value.trim(),
      info: true,
      skip_empty_lines: true,
    } as const
    // With `info`, each item is a row and its place in the file.
    const rows = parse(await readText(file), options) as unknown as { record: Row; info: { lines: number } }[]
    return rows.map(({ record, info }) => ({ row: record, line: info.lines }))
  } catch (error) {
    if (error instanceof CsvError) throw new ConfigError(`${file} is not a CSV file: ${error.message}`)
    const reason = fileReason(error)
    throw reason === undefined ? error : new ConfigError(`Cannot read ${file}: ${reason}.`)
  }
}

/** Decodes strictly: with replacement characters, two different ids could become one. */
async function readText(file: string): Promise<string> {
  const bytes = await readFile(file)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ConfigError(`${file} is not in UTF-8. Save it as CSV in UTF-8.`)
  }
}

/** Quotes a text of the file in one line, without control characters. */
const shown = (text: string): string => JSON.stringify(text.slice(0, 200))

function checkColumns(header: string[]): string[] {
  const missing = REQUIRED.filter((name) => !header.includes(name))
  const unknown = header.filter((name) => !COLUMNS.includes(name))
  if (new Set(header).size < header.length) throw new ConfigError('The first row names a column twice.')
  if (missing.length > 0 || unknown.length > 0)
    throw new ConfigError(
      `The first row has to name the columns externalId and name, and may name email and timeZone. It names ${shown(header.join(', '))}.`,
    )
  return header
}

async function importUser({ externalId = '', name, email, timeZone }: Row, operator: Operator): Promise<Outcome> {
  // An empty cell leaves the field as it is.
  const fields = Object.fromEntries(Object.entries({ name, email, timeZone }).filter(([, value]) => value))
  try {
    await operator.call('users.create', { externalId, ...fields })
    return 'created'
  } catch (error) {
    if (!(error instanceof AppError) || error.appCode !== 'ALREADY_EXISTS') throw error
    const before = error.details.current
    // The reply of users.update.
    const after = (await operator.call('users.update', { externalId, changes: fields })) as User
    await operator.releaseFromIssuer(after.externalId ?? '')
    return JSON.stringify(before) === JSON.stringify(after) ? 'unchanged' : 'updated'
  }
}
