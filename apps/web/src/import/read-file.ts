import { decodeText, type Format, type Imported, NotThisFormat } from '@taskwire/importers'

/** The tasks of a file. Nothing was sent yet. */
export interface Source extends Imported {
  format: Format
}

/** Some hundred thousand tasks. While a file is read, the page cannot do anything else, for seconds. */
const MAX_BYTES = 10 * 1024 * 1024

/** A file that cannot be imported. The message says why, and what to do. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

/**
 * Reads a file; without a format, that is recognised. `timeZone` is the zone of times without one.
 * @throws UnreadableFile
 */
export async function readTaskFile(file: File, format: Format | undefined, timeZone: string): Promise<Source> {
  if (file.size > MAX_BYTES) throw new UnreadableFile('It is larger than 10 MB. Split it, and import the parts.')
  const decoded = decodeText(await bytesOf(file))
  if (decoded === null)
    throw new UnreadableFile('This is not a text file. Export the tasks as text in the other program, and import that.')
  const input = { text: decoded.text, fileName: file.name, timeZone, now: new Date() }
  // Loaded late: the parsers are larger than the rest of the page.
  const { guessFormat, importers } = await import('@taskwire/importers/formats')
  const chosen = format ?? guessFormat(input)
  if (chosen === undefined) throw new UnreadableFile('Its format is not recognised. Choose the format.')
  try {
    const { tasks, notes } = importers[chosen](input)
    return { format: chosen, tasks, notes: [...decoded.notes, ...notes] }
  } catch (error) {
    if (error instanceof NotThisFormat) throw new UnreadableFile(error.message)
    throw error
  }
}

async function bytesOf(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer())
  } catch {
    throw new UnreadableFile('It cannot be read. It may have been moved or changed: choose it again.')
  }
}
