/** Decodes the bytes of a file to text. */
import { createNote, type Note } from './notes.ts'
import { looksBinary, splitLines } from './text.ts'

export interface Decoded {
  text: string
  notes: Note[]
}

const REPLACEMENT = '\uFFFD'
// Windows-1252 has no character for these bytes.
const UNASSIGNED = [0x81, 0x8d, 0x8f, 0x90, 0x9d]

/**
 * Decodes UTF-16 if the file has its byte-order mark, and otherwise UTF-8. If most of the bytes beyond ASCII are
 * invalid as UTF-8, decodes Windows-1252; a few invalid bytes are only replaced. Returns null if the file is not text.
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
    return isWindows(bytes, text) ? readWindows(bytes) : { text, notes: noteInvalidLines(text) }
  }
}

function isWindows(bytes: Uint8Array, asUtf8: string): boolean {
  if (UNASSIGNED.some((byte) => bytes.includes(byte))) return false
  const bad = asUtf8.split(REPLACEMENT).length - 1
  const good = asUtf8.match(/[^\0-\u007f\ufffd]/gu)?.length ?? 0
  return bad > good
}

function readWindows(bytes: Uint8Array): Decoded {
  const text = new TextDecoder('windows-1252').decode(bytes)
  return { text, notes: [createNote('encoding', { detail: 'read as Windows-1252; check that all letters are right' })] }
}

function noteInvalidLines(text: string): Note[] {
  const lines = splitLines(text).filter((line) => line.text.includes(REPLACEMENT))
  return lines.map(({ number: line }) =>
    createNote('characters', { line, detail: `bytes that are not UTF-8 became ${REPLACEMENT}` }),
  )
}
