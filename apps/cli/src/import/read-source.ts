import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { decodeText, FORMATS, type Format, type Imported, NotThisFormat } from '@taskwire/importers'
import { CliError, EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { readAll } from '../password.ts'

/** The settings for reading files. */
export interface Reading {
  /** Undefined: recognised for each file. */
  format: Format | undefined
  /** The zone of times without a zone. */
  timeZone: string
  now: Date
}

/** A parsed file, whose tasks have not been sent to the service yet. */
export interface Source extends Imported {
  file: string
  format: Format
}

/** Far more than any real list needs. While a file is read, it is in memory several times. */
const MAX_BYTES = 64 * 1024 * 1024
export const STDIN = '-'

/** Reads a file, or standard input for `-`. Throws a CliError with the file, the reason and a remedy. */
export async function readSource(io: Io, file: string, { format, timeZone, now }: Reading): Promise<Source> {
  const decoded = decodeText(await readBytes(io, file))
  if (decoded === null)
    throw new CliError(`${file}: this is not a text file. Export the tasks as text and import that.`)
  const fileName = file === STDIN ? 'standard input' : basename(file)
  const input = { text: decoded.text, fileName, timeZone, now }
  // Imported late: the formats take longer to load than the rest of the program.
  const { guessFormat, importers } = await import('@taskwire/importers/formats')
  const chosen = format ?? guessFormat(input)
  if (chosen === undefined)
    throw new CliError(`${file}: its format is not recognised. Name it: --format ${FORMATS.join('|')}`)
  try {
    const { tasks, notes } = importers[chosen](input)
    return { file, format: chosen, tasks, notes: [...decoded.notes, ...notes] }
  } catch (error) {
    if (error instanceof NotThisFormat) throw new CliError(`${file}: ${error.message}`)
    throw error
  }
}

async function readBytes({ stdin, cwd }: Io, file: string): Promise<Buffer> {
  if (file === STDIN) {
    if (stdin.isTTY === true)
      throw new CliError('-: standard input is the terminal. Pipe a file in or name one.', EXIT.usage)
    return await readAll(stdin)
  }
  const path = resolve(cwd, file)
  const { size } = await stat(path)
  if (size > MAX_BYTES)
    throw new CliError(
      `${file}: it has ${size} bytes, more than the limit of ${MAX_BYTES}. Split it and import the parts.`,
    )
  return await readFile(path)
}
