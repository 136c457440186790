import { z } from 'zod'

/** Counts Unicode code points, as `char_length` does in PostgreSQL. */
export function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

const CONTROL_OR_LINE_BREAK = /[\p{Cc}\u2028\u2029]/u

function tooLong(max: number): string {
  return `is longer than ${max} characters; shorten it`
}

/** The error of a schema, in words: what is wrong with what was sent, or that nothing was. */
export function told(wrong: string): (issue: { input?: unknown }) => string {
  return (issue) => (issue.input === undefined ? 'is missing' : wrong)
}

interface Length {
  min?: number
  max: number
}

/** Well-formed text without NUL, NFC-normalised, as sent otherwise: for descriptions. */
export function multiLine({ min = 0, max }: Length): z.ZodType<string, string> {
  return z
    .string({ error: told('is not a text') })
    .refine((s) => s.isWellFormed(), { error: 'holds half of a surrogate pair; send whole characters', abort: true })
    .refine((s) => !s.includes('\u0000'), { error: 'holds a NUL character; remove it', abort: true })
    .overwrite((s) => s.normalize('NFC'))
    .refine((s) => codePoints(s) <= max, { error: tooLong(max) })
    .refine((s) => codePoints(s) >= min, { error: 'is empty; give at least one character' })
    .meta({ minLength: min, maxLength: max })
}

/** One line: NFC-normalised, trimmed, without control characters or line breaks. */
export function singleLine({ min = 1, max }: Length): z.ZodType<string, string> {
  return z
    .string({ error: told('is not a text') })
    .refine((s) => s.isWellFormed(), { error: 'holds half of a surrogate pair; send whole characters', abort: true })
    .overwrite((s) => s.normalize('NFC').trim())
    .refine((s) => !CONTROL_OR_LINE_BREAK.test(s), { error: 'holds a control character or a line break; remove it' })
    .refine((s) => codePoints(s) <= max, { error: tooLong(max) })
    .refine((s) => codePoints(s) >= min, { error: 'is empty; give at least one character that is not a blank' })
    .meta({ minLength: min, maxLength: max })
}

/** The key under which tags and list names count as the same: lower case, then NFC. */
export function textKey(text: string): string {
  return text.toLowerCase().normalize('NFC')
}

/** Merges tags that have the same key; the first spelling is kept. */
export function mergeTags(tags: readonly string[]): string[] {
  const byKey = new Map<string, string>()
  for (const tag of tags) if (!byKey.has(textKey(tag))) byKey.set(textKey(tag), tag)
  return [...byKey.values()]
}
