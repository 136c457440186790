import { isDate } from './dates.ts'
import { FIELD_NAMES, readOwn, readOwnText } from './extras.ts'
import type { OwnValues } from './extras.ts'
import type { Dates } from './todotxt-line.ts'
import { isMark, OWN_WORD } from './todotxt-line.ts'
import type { Fields, Priority } from './types.ts'

const LETTERS: Record<Priority, string | null> = {
  urgent: 'A',
  high: 'B',
  medium: 'C',
  low: 'D',
  none: null,
}

// Stands for null: no text of the contract holds it.
const NONE = '\0'

/** The line as other programs read it. */
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
  // The first of its kind counts, so what the title has of it comes after.
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
 * Puts words in quotes that would say something that the task does not, so that they stay text. The
 * task's own tags, and words such as `rec:1w`, stand as they are for other programs.
 */
function quoteSyntax({ title, due, priority }: Fields, marks: string[]): string {
  return title.replace(/[^ ]+/gu, (word) => {
    const [, key = '', value = ''] = /^(due|pri):(\S+)$/u.exec(word) ?? []
    const acts =
      (isMark(word) && !marks.includes(word)) ||
      OWN_WORD.test(word) ||
      (key === 'due' && due === null && isDate(value)) ||
      (key === 'pri' && priority === 'none' && /^[A-Z]$/u.test(value))
    return acts ? `"${word}"` : word
  })
}

/** Our own words, with percent-encoding so that each stays one word. */
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

/** The id, apart from the other values of our own. */
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
    if (!isTextField(name)) return readOwnText(value)
    return value === NONE ? null : value
  } catch {
    return { undecodable: encoded }
  }
}

/** Fields whose value stands as it is; the others' is JSON. */
function isTextField(name: string): boolean {
  return ['id', 'deleted', 'title', 'description', 'priority', 'list'].includes(name)
}
