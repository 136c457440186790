import { z } from 'zod'
import { LIMITS } from './limits.ts'
import type { Schema } from './schema.ts'

export { mergeTags, textKey } from './text-key.ts'

/** Counts Unicode code points, as PostgreSQL's `char_length` does. */
export function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

const CONTROL_OR_LINE_BREAK = /[\p{Cc}\u2028\u2029]/u
const MARKS = /\p{M}+/gu
/** NFC composes one code point from at most this many UTF-16 units: four code points of two units each. */
const UNITS_PER_CODE_POINT = 8

/** Reads each run of marks once; the pattern `\p{M}{31}` would start again at each mark. */
function hasTooManyMarks(text: string): boolean {
  const limit = LIMITS.marksInARow
  return text.match(MARKS)?.some((run) => run.length > limit && codePoints(run) > limit) ?? false
}

/** The error message of a schema: `wrong`, or `is missing` for a field that was not sent. */
export function requiredMessage(wrong: string): (issue: { input?: unknown }) => string {
  return (issue) => (issue.input === undefined ? 'is missing' : wrong)
}

/** Returns the values as a message lists them: `'low', 'high'`. */
export function quoted(values: readonly string[]): string {
  return values.map((value) => `'${value}'`).join(', ')
}

interface Length {
  min?: number
  max: number
}
interface Rules extends Required<Length> {
  /** Trims the text, and refuses control characters and line breaks. */
  line: boolean
  /** The message for a text that is shorter than `min`. */
  empty: string
}

/**
 * Returns the normalised text, or what is wrong with it. The length is checked before any work on each character, and
 * combining marks are checked before NFC, which sorts a run of marks in quadratic time.
 */
function normalise(raw: string, { line, min, max, empty }: Rules): { text: string } | { wrong: string } {
  const given = line ? raw.trim() : raw
  const tooLong = { wrong: `is longer than ${max} characters; shorten it` }
  if (given.length > UNITS_PER_CODE_POINT * max) return tooLong
  if (!given.isWellFormed()) return { wrong: 'holds half of a surrogate pair; send whole characters' }
  if (!line && given.includes('\u0000')) return { wrong: 'contains a NUL character; remove it' }
  const tooManyMarks = { wrong: `holds more than ${LIMITS.marksInARow} combining marks in a row; remove some` }
  if (hasTooManyMarks(given)) return tooManyMarks
  const text = given.normalize('NFC')
  // NFC decomposes some characters into marks. They are counted again, so that a stored text is always accepted again.
  if (text.length > given.length && hasTooManyMarks(text)) return tooManyMarks
  if (line && CONTROL_OR_LINE_BREAK.test(text)) return { wrong: 'holds a control character or a line break; remove it' }
  if (text.length > max && codePoints(text) > max) return tooLong
  if (text.length < min) return { wrong: empty }
  return { text }
}

function text(rules: Rules): Schema<string> {
  const { min, max } = rules
  return z
    .string({ error: requiredMessage('is not a string') })
    .check((payload) => {
      const result = normalise(payload.value, rules)
      if ('text' in result) payload.value = result.text
      else payload.issues.push({ code: 'custom', message: result.wrong, input: payload.value, continue: false })
    })
    .meta({ minLength: min, maxLength: max })
}

/** Well-formed text without NUL, NFC-normalised and otherwise as sent: for descriptions. */
export function multiLine({ min = 0, max }: Length): Schema<string> {
  return text({ line: false, min, max, empty: 'is empty; give at least one character' })
}

/** One line: NFC-normalised, trimmed, without control characters or line breaks. */
export function singleLine({ min = 1, max }: Length): Schema<string> {
  return text({ line: true, min, max, empty: 'is empty; give at least one character that is not a blank' })
}

/** Like `singleLine`, but refuses a text that this would change. */
export function exactLine({ min = 1, max }: Length): Schema<string> {
  const line = singleLine({ min, max })
  return z
    .string({ error: requiredMessage('is not a string') })
    .check((payload) => {
      const parsed = line.safeParse(payload.value)
      const message = parsed.success
        ? 'has blanks at its ends, or is not in Unicode NFC; remove the blanks, and normalize it'
        : (parsed.error.issues[0]?.message ?? 'is not a line')
      if (!parsed.success || parsed.data !== payload.value)
        payload.issues.push({ code: 'custom', message, input: payload.value, continue: false })
    })
    .meta({ minLength: min, maxLength: max })
}
