import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

/**
 * A backup is text of lines, kept compressed. The first says what it is; then come the tables, each a
 * line with its name and columns, a line for each row, and an empty one; the last has the number of rows
 * and the SHA-256 of each table. All that is not empty is JSON.
 */
export const FORMAT = 'taskwire-backup'
export const FORMAT_VERSION = 2
export const END_OF_TABLE = ''

export interface Migration {
  name: string
  hash: string
}
export interface Header {
  format: typeof FORMAT
  version: number
  /** When the snapshot was taken. */
  at: string
  migrations: Migration[]
}
export interface TableLine {
  table: string
  columns: string[]
}
export interface Digest {
  rows: number
  sha256: string
}
/** By table. */
export type Digests = Record<string, Digest>
export interface Trailer {
  complete: true
  tables: Digests
}

/** What is wrong with a backup or with the database that is to take it, in words for the operator. */
export class BackupError extends Error {
  override name = 'BackupError'
}

export function damaged(why: string): BackupError {
  return new BackupError(
    `The backup is truncated or was altered: ${why}. Nothing was restored; copy the file again from where it was kept, or restore another.`,
  )
}

export function noBackup(): BackupError {
  return new BackupError('The file is no backup of Taskwire: give one that taskwire-admin backup wrote.')
}

/** Counts and hashes the rows of a table. */
export function createDigester(): { add(lines: string, rows: number): void; digest(): Digest } {
  const hash = createHash('sha256')
  let rows = 0
  return {
    add(lines, count) {
      hash.update(lines)
      rows += count
    },
    digest: () => ({ rows, sha256: hash.digest('hex') }),
  }
}

/** The lines, without their ends; what is behind the last line break is not one. */
export async function* readLines(from: Readable): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of from) {
      // A stream of bytes gives nothing else.
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (cause) {
    // What zlib says of bytes that are missing, changed, or no gzip at all.
    const [code, message] = cause instanceof Error ? [String(Reflect.get(cause, 'code')), cause.message] : ['', '']
    if (message === 'incorrect header check') throw noBackup()
    throw code.startsWith('Z_') ? damaged(message) : cause
  }
  if (rest !== '') throw damaged('its last line has no end')
}
