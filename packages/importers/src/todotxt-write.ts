import { isDate } from './dates.ts'
import { type OwnValues, parseOwnValue, readOwn } from './extras.ts'
import { FIELD_NAMES, isStringField } from './field-values.ts'
import { type Dates, isMark, OWN_WORD } from './todotxt-line.ts'
import type { Fields, Priority } from './types.ts'

const LETTERS: Record<Priority, string | null> = {
  urgent: 'A',
  high: 'B',
  medium: 'C',
  low: 'D',
  none: null,
}

// This character stands for null. The contract does not allow it in a text.
const NONE = '\0'

/** Writes a line as other programs read it. */
export function writeLine(fields: Fields, { created, completed }: Dates): string {
  const letter = LETTERS[fields.priority]
  const head = fields.complete ? ['x', completed, created] : [letter === null ? undefined : `(${letter})`, created]
  const list = fields.list === null ? [] : [`+${oneWord(fields.list)}`]
  const tags = fields.tags.map((tag) => (list.length > 0 && /^\+\S/u.test(tag) ? oneWord(tag) : `@${oneWord(tag)}`))
  const due = fields.due === null ? [] : [`due:${fields.due.date}`]
  const pri = fields.complete && letter !== null ? [`pri:${letter}`] : []
  const title = quoteSyntax(fields, [...list, ...tags])
  const words = title.split(' ')
  const hasWord = (pattern: RegExp): boolean => words.some((word) => pattern.test(word))
  // Readers use only the first mark of each kind, so the task's own marks go before marks in the title.
  const front = [
    ...list.filter((word) => !words.includes(word) && hasWord(/^\+\S/u)),
    ...due.filter(() => hasWord(/^due:\S/u)),
    ...pri.filter(() => hasWord(/^pri:\S/u)),
  ]
  const back = [...list, ...tags, ...due, ...pri].filter((word) => !front.includes(word) && !words.includes(word))
  return [...head, ...front, title, ...back].filter((part) => part !== undefined).join(' ')
}

function oneWord(name: string): string {
  return name.replace(/\s+/gu, '_')
}

/**
 * Quotes words of the title that would otherwise be read as a value that the task does not have. The task's
 * own tags, and words such as `rec:1w`, are not quoted, so other programs can read them.
 */
function quoteSyntax({ title, due, priority }: Fields, marks: string[]): string {
  return title.replace(/[^ ]+/gu, (word) => {
    const [, key = '', value = ''] = /^(due|pri):(\S+)$/u.exec(word) ?? []
    const hasMeaning =
      (isMark(word) && !marks.includes(word)) ||
      OWN_WORD.test(word) ||
      (key === 'due' && due === null && isDate(value)) ||
      (key === 'pri' && priority === 'none' && /^[A-Z]$/u.test(value))
    return hasMeaning ? `"${word}"` : word
  })
}

/** Returns words for the exact values, percent-encoded so that each value is one word. */
export function encodeWords(exact: Partial<Fields>, id: string, deletedAt: string | null): string[] {
  const fields = FIELD_NAMES.filter((name) => name in exact).map((name) => {
    const value = exact[name]
    const isText = isTextField(name) && (typeof value === 'string' || value === null)
    return ownWord(name, isText ? (value ?? NONE) : JSON.stringify(value))
  })
  const trash = deletedAt === null ? [] : [ownWord('deleted', deletedAt)]
  return [ownWord('id', id), ...fields, ...trash]
}

function ownWord(name: string, value: string): string {
  return `taskwire-${name}:${encodeURIComponent(value.toWellFormed())}`
}

/** Taskwire's own values, with the id. */
export interface OwnWords extends OwnValues {
  id: string | null
}

export function decodeWords(words: Map<string, string>): OwnWords {
  const values = Object.fromEntries([...words].map(([name, encoded]) => [name, decodeWord(name, encoded)]))
  const { id } = values
  return { ...readOwn(values), id: typeof id === 'string' ? id : null }
}

function decodeWord(name: string, encoded: string): unknown {
  try {
    const value = decodeURIComponent(encoded)
    if (!isTextField(name)) return parseOwnValue(value)
    return value === NONE ? null : value
  } catch {
    return { undecodable: encoded }
  }
}

/** True for fields that are written as text instead of JSON. */
function isTextField(name: string): boolean {
  return name === 'id' || name === 'deleted' || isStringField(name)
}
