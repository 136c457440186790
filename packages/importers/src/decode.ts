/** The text of a file, from its bytes. */
import { note } from './notes.ts'
import type { Note } from './notes.ts'
import { looksBinary, splitLines } from './text.ts'

export interface Decoded {
  text: string
  notes: Note[]
}

const BAD = '\uFFFD'
// Windows-1252 has no character for these bytes.
const UNASSIGNED = [0x81, 0x8d, 0x8f, 0x90, 0x9d]

/**
 * UTF-16 where the first bytes say so; otherwise UTF-8, or Windows-1252 where more bytes are wrong
 * as UTF-8 than right. Single wrong bytes are replaced. Null: it is not text.
 */
export function decodeText(bytes: Uint8Array): Decoded | null {
  const decoded = decode(bytes)
  return looksBinary(decoded.text) ? null : decoded
}

function decode(bytes: Uint8Array): Decoded {
  const utf16 =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null
  if (utf16 !== null) return { text: new TextDecoder(utf16).decode(bytes), notes: [] }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), notes: [] }
  } catch {
    const text = new TextDecoder().decode(bytes)
    return isWindows(bytes, text) ? readWindows(bytes) : { text, notes: badLines(text) }
  }
}

function isWindows(bytes: Uint8Array, asUtf8: string): boolean {
  if (UNASSIGNED.some((byte) => bytes.includes(byte))) return false
  const bad = asUtf8.split(BAD).length - 1
  const good = asUtf8.match(/[^\0-\u007f\ufffd]/gu)?.length ?? 0
  return bad > good
}

function readWindows(bytes: Uint8Array): Decoded {
  const text = new TextDecoder('windows-1252').decode(bytes)
  return { text, notes: [note('encoding', { detail: 'read as Windows-1252; see that its letters are right' })] }
}

function badLines(text: string): Note[] {
  const lines = splitLines(text).filter((line) => line.text.includes(BAD))
  return lines.map(({ number: line }) => note('characters', { line, detail: `bytes that are not UTF-8 became ${BAD}` }))
}
