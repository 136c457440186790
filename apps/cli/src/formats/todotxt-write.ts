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
  const due = fields.due === null ? undefined : `due:${fields.due.date}`
  const pri = fields.complete && letter !== null ? `pri:${letter}` : undefined
  const list = fields.list === null ? undefined : `+${oneWord(fields.list)}`
  const tags = fields.tags.map((tag) => (list !== undefined && /^\+\S/u.test(tag) ? oneWord(tag) : `@${oneWord(tag)}`))
  const parts = [...head, quoteSyntax(fields.title), list, ...tags, due, pri]
  return parts.filter((part) => part !== undefined).join(' ')
}

function oneWord(name: string): string {
  return name.replace(/\s+/gu, '_')
}

/** Puts words that any program would act on into quotes, so that a title stays text. */
function quoteSyntax(title: string): string {
  return title.replace(/[^ ]+/gu, (word) =>
    isMark(word) || OWN_WORD.test(word) || /^(?:due|pri|rec|t|h):\S/u.test(word) ? `"${word}"` : word,
  )
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
