import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { CliError, EXIT } from '../exit.ts'
import { FORMATS, type Format, type Imported, NotThisFormat } from '../formats/types.ts'
import type { Io } from '../io.ts'
import { readAll } from '../password.ts'

/** A file that has been read: its tasks are not in the service yet. */
export interface Source extends Imported {
  file: string
  format: Format
}

/** Far beyond any real list; a larger one would not fit in memory several times over. */
const MOST_BYTES = 64 * 1024 * 1024
export const STDIN = '-'

/** Reads a file, or standard input for `-`. Throws a CliError that names the file, the reason and a remedy. */
export async function readSource(io: Io, file: string, format: Format | undefined): Promise<Source> {
  const { text, encodingNote } = decode(file, await readBytes(io, file))
  const input = { text, fileName: file === STDIN ? 'standard input' : basename(file) }
  // Loaded when it is needed: the formats take longer to load than all the rest.
  const { guessFormat, importers } = await import('../formats/index.ts')
  const chosen = format ?? guessFormat(input)
  if (chosen === undefined)
    throw new CliError(`${file}: its format cannot be told. Name it: --format ${FORMATS.join('|')}`)
  try {
    const { tasks, notes } = importers[chosen](input)
    return { file, format: chosen, tasks, notes: encodingNote === null ? notes : [{ message: encodingNote }, ...notes] }
  } catch (error) {
    if (error instanceof NotThisFormat) throw new CliError(`${file}: ${error.message}`)
    throw error
  }
}

async function readBytes({ stdin, cwd }: Io, file: string): Promise<Buffer> {
  if (file === STDIN) {
    if (stdin.isTTY === true)
      throw new CliError('-: standard input is the terminal. Pipe a file in, or name one.', EXIT.usage)
    return await readAll(stdin)
  }
  const path = resolve(cwd, file)
  const { size } = await stat(path)
  if (size > MOST_BYTES)
    throw new CliError(`${file}: it has ${size} bytes; at most ${MOST_BYTES} are read. Split it, and import the parts.`)
  return await readFile(path)
}

/** UTF-8, or what the first bytes say, or else the encoding of old Windows programs. */
function decode(file: string, bytes: Buffer): { text: string; encodingNote: string | null } {
  const marked =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null
  if (marked !== null) return { text: new TextDecoder(marked).decode(bytes), encodingNote: null }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), encodingNote: null }
  } catch {
    if (bytes.includes(0))
      throw new CliError(`${file}: this is not a text file. Export the tasks as text, and import that.`)
    return {
      text: new TextDecoder('windows-1252').decode(bytes),
      encodingNote: 'the file is not UTF-8: read as Windows-1252; see that its letters are right',
    }
  }
}
