import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

/**
 * A backup is lines of text, stored compressed. The first line is the header. Each table follows: a line with its name
 * and columns, a line for each row, and an empty line. The last line has the number of rows and the SHA-256 of each
 * table. Every line that is not empty is JSON.
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
/** By table name. */
export type Digests = Record<string, Digest>
export interface Trailer {
  complete: true
  tables: Digests
}

/** A problem with a backup or with the database to restore into; `message` is for the operator. */
export class BackupError extends Error {
  override name = 'BackupError'
}

export function damaged(why: string): BackupError {
  return new BackupError(
    `The backup is truncated or was altered: ${why}. Nothing was restored; copy the file again, or restore another.`,
  )
}

export function noBackup(): BackupError {
  return new BackupError('The file is not a Taskwire backup: give one that taskwire-admin backup wrote.')
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

/** Yields the lines without their line breaks. Throws if the text does not end with a line break. */
export async function* readLines(from: Readable): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of from) {
      // A stream of bytes yields buffers only.
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (cause) {
    // Errors of zlib for data that is truncated, altered or not gzip.
    const [code, message] = cause instanceof Error ? [String(Reflect.get(cause, 'code')), cause.message] : ['', '']
    if (message === 'incorrect header check') throw noBackup()
    throw code.startsWith('Z_') ? damaged(message) : cause
  }
  if (rest !== '') throw damaged('its last line is incomplete')
}
