/** Text as the contract wants it: NFC, counted in code points, without control characters. */

export interface Cleaned {
  text: string
  /** What was changed beyond trimming and normalising, worded for a note. */
  changes: string[]
}

export interface Line {
  text: string
  /** From 1. */
  number: number
}

const BROKEN = /\p{Cs}/gu
const CONTROL = /\p{Cc}/gu
const BLANKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu

/** A single line: trimmed; line breaks and tabs become blanks, other control characters go. */
export function cleanLine(raw: string): Cleaned {
  const changes: string[] = []
  const oneLine = raw.trim().replace(BLANKS, ' ')
  if (oneLine !== raw.trim()) changes.push('line breaks or tabs became blanks')
  return { text: normalize(drop(oneLine, CONTROL, changes).trim(), changes), changes }
}

/** Text of several lines, as it is; only what the contract refuses goes. */
export function cleanBlock(raw: string): Cleaned {
  const changes: string[] = []
  return { text: normalize(drop(raw, /\0/gu, changes), changes), changes }
}

/**
 * NFC. It takes time by the square of a run of combining marks, so in a text far beyond every limit
 * long runs are cut first.
 */
function normalize(text: string, changes: string[]): string {
  if (text.length < 4000) return text.normalize('NFC')
  const cut = text.replace(/(\p{M}{100})\p{M}+/gu, '$1')
  if (cut !== text) changes.push('long runs of combining marks are cut')
  return cut.normalize('NFC')
}

function drop(text: string, unwanted: RegExp, changes: string[]): string {
  const kept = text.replace(BROKEN, '').replace(unwanted, '')
  const dropped = text.length - kept.length
  if (dropped > 0) {
    changes.push(
      `${dropped} ${dropped === 1 ? 'character' : 'characters'} dropped (control characters or broken Unicode)`,
    )
  }
  return kept
}

/** Length in code points. */
export function length(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** The first `limit` code points. */
export function take(text: string, limit: number): string {
  return text.length <= limit ? text : Array.from(text).slice(0, limit).join('')
}

/** The first `limit` code points, ending at a word where one ends within the last 30. */
export function takeWords(text: string, limit: number): string {
  if (length(text) <= limit) return text
  const head = take(text, limit)
  const lastBlank = head.search(/\s\S*$/u)
  const nearEnd = lastBlank >= 0 && length(head.slice(lastBlank)) <= 30
  return (nearEnd ? head.slice(0, lastBlank) : head).trimEnd()
}

/** A value for a message: on one line, in quotes, and not endless. */
export function quote(value: string, limit = 200): string {
  const line = cleanLine(value).text
  const count = length(line)
  return count <= limit ? `"${line}"` : `"${take(line, limit)}…" (${count} characters)`
}

/** A title, short enough to begin a note with. */
export function labelOf(title: string): string {
  const line = cleanLine(title).text
  return length(line) <= 60 ? `"${line}"` : `"${take(line, 59)}…"`
}

/** Line ends as `\n`. */
export function unixLines(text: string): string {
  return text.replace(/\r\n?/gu, '\n')
}

/** The lines of a file, whatever its line ends; only CR and LF end a line. */
export function splitLines(text: string): Line[] {
  return text.split(/\r\n|\n|\r/u).map((line, index) => ({ text: line, number: index + 1 }))
}

export function stripBom(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** Full of control characters or of what could not be decoded: not a text file, whatever it is called. */
export function looksBinary(text: string): boolean {
  const head = text.slice(0, 4096)
  const odd = head.match(/[\0-\u0008\u000e-\u000f\u0011-\u001f\ufffd]/gu)?.length ?? 0
  return odd > 2 && odd * 10 > head.length
}

/** The key by which tags and list names are the same. */
export function keyOf(name: string): string {
  return name.toLowerCase().normalize('NFC')
}
