/** Cleans text as the contract requires: NFC, counted in code points, without control characters. */

export interface Cleaned {
  text: string
  /** Changes beyond trimming and normalizing, worded for notes. */
  changes: string[]
}

export interface Line {
  text: string
  /** From 1. */
  number: number
}

const LONE_SURROGATES = /\p{Cs}/gu
const CONTROL = /\p{Cc}/gu
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu

/** Cleans one line: trims it, replaces line breaks and tabs by spaces, and removes other control characters. */
export function cleanLine(raw: string): Cleaned {
  const changes: string[] = []
  const oneLine = raw.trim().replace(LINE_BREAKS, ' ')
  if (oneLine !== raw.trim()) changes.push('line breaks or tabs became spaces')
  return { text: normalize(removeCharacters(oneLine, CONTROL, changes).trim(), changes), changes }
}

/** Cleans text of several lines: removes only the characters that the contract refuses. */
export function cleanBlock(raw: string): Cleaned {
  const changes: string[] = []
  return { text: normalize(removeCharacters(raw, /\0/gu, changes), changes), changes }
}

/**
 * Normalizes to NFC. NFC takes quadratic time for a run of combining marks, so long runs are cut first in texts that
 * are far longer than any limit.
 */
function normalize(text: string, changes: string[]): string {
  if (text.length < 4000) return text.normalize('NFC')
  const cut = text.replace(/(\p{M}{100})\p{M}+/gu, '$1')
  if (cut !== text) changes.push('long runs of combining marks are cut')
  return cut.normalize('NFC')
}

function removeCharacters(text: string, unwanted: RegExp, changes: string[]): string {
  const kept = text.replace(LONE_SURROGATES, '').replace(unwanted, '')
  const dropped = text.length - kept.length
  if (dropped > 0) {
    changes.push(`${counted(dropped, 'character')} dropped (control characters or broken Unicode)`)
  }
  return kept
}

/** `1 task`, `2 tasks`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}

/** Returns the length in code points. */
export function length(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** Returns the first `limit` code points. */
export function take(text: string, limit: number): string {
  return text.length <= limit ? text : Array.from(text).slice(0, limit).join('')
}

/** Returns the first `limit` code points, cut at a space if there is one among the last 30. */
export function takeWords(text: string, limit: number): string {
  if (length(text) <= limit) return text
  const head = take(text, limit)
  const lastBlank = head.search(/\s\S*$/u)
  const nearEnd = lastBlank >= 0 && length(head.slice(lastBlank)) <= 30
  return (nearEnd ? head.slice(0, lastBlank) : head).trimEnd()
}

/** Quotes a value for a message, on one line, cut to `limit` code points. */
export function quote(value: string, limit = 200): string {
  const line = cleanLine(value).text
  const count = length(line)
  return count <= limit ? `"${line}"` : `"${take(line, limit)}…" (${count} characters)`
}

/** Quotes a title, cut to 60 code points, for the beginning of a note. */
export function quoteTitle(title: string): string {
  const line = cleanLine(title).text
  return length(line) <= 60 ? `"${line}"` : `"${take(line, 59)}…"`
}

/** Converts line breaks to `\n`. */
export function unixLines(text: string): string {
  return text.replace(/\r\n?/gu, '\n')
}

/** Splits at LF, CRLF and CR only. */
export function splitLines(text: string): Line[] {
  return text.split(/\r\n|\n|\r/u).map((line, index) => ({ text: line, number: index + 1 }))
}

export function stripBom(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** True if the file is not text: many of its characters are control or replacement characters. */
export function looksBinary(text: string): boolean {
  const head = text.slice(0, 4096)
  const odd = head.match(/[\0-\u0008\u000e-\u000f\u0011-\u001f\ufffd]/gu)?.length ?? 0
  return odd > 2 && odd * 10 > head.length
}

/** Returns the key by which the service compares tags and list names. */
export function nameKey(name: string): string {
  return name.toLowerCase().normalize('NFC')
}
