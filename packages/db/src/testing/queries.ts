import { subscribe } from 'node:diagnostics_channel'
import { readdirSync, readFileSync } from 'node:fs'
import { SENT_QUERIES, type SentQuery } from '../caller-session.ts'
import { queriesDirectory, readQueryFile } from '../query.ts'
import { withoutPredicates } from './policies.ts'

/** The names of the query files. */
export const queryNames: readonly string[] = readdirSync(queriesDirectory)
  .map((file) => file.replace(/\.sql$/, ''))
  .toSorted()

const nameOf = (file: string, part: string): string => `${file} [${part}]`

const files = new Map(queryNames.map((name) => [name, readQueryFile(name)]))
const partsOf = (file: string): [string, string][] => Object.entries(files.get(file)?.parts ?? {})

/** Every text that a test must send: each file's text, and each part, except those used only within other parts. */
export const committedTexts: readonly string[] = queryNames.flatMap((file) => {
  const parts = readFileSync(`${queriesDirectory}/${file}.sql`, 'utf8')
    .split(/^-- \[/m)
    .slice(1)
    .join('')
  const whole = partsOf(file).filter(([part]) => !parts.includes(`{${part}}`))
  return [...(files.get(file)?.text === '' ? [] : [file]), ...whole.map(([part]) => nameOf(file, part))]
})

/** The parts that may replace a placeholder, and the separator if there may be several. */
const PLACEHOLDERS: Record<string, { file?: string; parts?: readonly string[]; separator?: string }> = {
  filter: { file: 'tasks.filter', separator: '\n    and ' },
  overdue: { file: 'tasks.filter', parts: ['overdue'] },
  now: { file: 'tasks.filter', parts: ['now'] },
  zone: { file: 'tasks.filter', parts: ['zone'] },
  clock: { file: 'tasks.list', parts: ['clock', 'no clock'] },
  page: { file: 'tasks.list', parts: ['page', 'page of a search'] },
  // Parts of the file of the requested order.
  tasks: { separator: '\nunion all\n' },
  'found tasks': { separator: '\nunion all\n' },
}
const DIRECTIONS = [
  ['asc', '>'],
  ['desc', '<'],
] as const

interface Match {
  end: number
  used: readonly string[]
}

/** Returns the committed texts that a query consists of; undefined if any other text is in it. */
export function committedTextsOf({ name, text }: SentQuery): readonly string[] | undefined {
  // The name of a list query is that of its order's file, which has parts only.
  const order = name.startsWith('tasks.list.') ? name : undefined
  const file = order === undefined ? name : 'tasks.list'
  const template = files.get(file)?.text ?? ''
  if (template === '' || !files.has(name)) return undefined
  for (const direction of DIRECTIONS)
    for (const { end, used } of matches(`-- ${name}\n${template}`, text, 0, { order, direction }))
      if (end === text.length) return [file, ...used]
  return undefined
}

interface Given {
  order: string | undefined
  direction: (typeof DIRECTIONS)[number]
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)

interface Piece {
  literal: RegExp
  placeholder: string | undefined
}

const pieces = new Map<string, readonly Piece[]>()
function piecesOf(template: string): readonly Piece[] {
  const known = pieces.get(template)
  if (known !== undefined) return known
  const made: Piece[] = []
  const texts = template.split(/\{([a-z ]+)\}/)
  for (let at = 0; at < texts.length; at += 2) {
    const pattern = escaped(texts[at] ?? '').replace(/(?<![:\w]):[a-z]\w*/g, String.raw`\$\d+`)
    made.push({ literal: new RegExp(pattern, 'y'), placeholder: texts[at + 1] })
  }
  pieces.set(template, made)
  return made
}

/** Yields the ways in which a template matches a text from an offset on. */
function matches(template: string, text: string, at: number, given: Given): Generator<Match> {
  return matchesOf(piecesOf(template), text, at, given)
}

function* matchesOf([piece, ...others]: readonly Piece[], text: string, at: number, given: Given): Generator<Match> {
  if (piece === undefined) return yield { end: at, used: [] }
  const { literal, placeholder } = piece
  literal.lastIndex = at
  if (!literal.test(text)) return
  const end = literal.lastIndex
  if (placeholder === undefined) return yield { end, used: [] }
  for (const inside of placeholderMatches(placeholder, text, end, given))
    for (const after of matchesOf(others, text, inside.end, given))
      yield { end: after.end, used: [...inside.used, ...after.used] }
}

function* placeholderMatches(placeholder: string, text: string, at: number, given: Given): Generator<Match> {
  const [direction, past] = given.direction
  if (placeholder === 'direction') return yield* matches(direction, text, at, given)
  if (placeholder === 'past') return yield* matches(past, text, at, given)
  if (placeholder === 'most') return yield* numbers(text, at)
  const { file = given.order, parts, separator } = PLACEHOLDERS[placeholder] ?? {}
  if (file === undefined) return
  for (const [part, template] of partsOf(file)) {
    if (parts?.includes(part) === false) continue
    for (const one of matches(template, text, at, given)) {
      const used = [nameOf(file, part), ...one.used]
      yield { end: one.end, used }
      if (separator !== undefined && text.startsWith(separator, one.end))
        for (const others of placeholderMatches(placeholder, text, one.end + separator.length, given))
          yield { end: others.end, used: [...used, ...others.used] }
    }
  }
}

function* numbers(text: string, at: number): Generator<Match> {
  const found = /\d+/y
  found.lastIndex = at
  if (found.test(text)) yield { end: found.lastIndex, used: [] }
}

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length
/** The number of predicates in a text that withoutPredicates() removes. */
export const predicatesIn = (text: string): number =>
  count(withoutPredicates(text), /\btrue\b/g) - count(text, /\btrue\b/g)
/** The number of tables that a text reads. */
const tablesIn = (text: string): number => count(text, /(?:\b(?:from|join)|,)\s+(?:tw|auth)\.(?!\w+\()\w+/g)

/**
 * Watches the queries that this process sends from now on. One that does not consist of committed texts becomes an uncaught
 * error, which fails the test run.
 */
export function checkSentQueries(): void {
  const known = new Set<string>()
  subscribe(SENT_QUERIES, (message) => {
    // The type of what openDatabase() publishes.
    const { name, text } = message as SentQuery
    if (known.has(text)) return
    known.add(text)
    if (committedTextsOf({ name, text }) === undefined)
      throw new Error(`The query ${name} does not consist of texts of packages/db/queries:\n${text}`)
    const [tables, predicates] = [tablesIn(text), predicatesIn(text)]
    if (tables !== predicates)
      throw new Error(`The query ${name} reads ${tables} tables, and has ${predicates} predicates:\n${text}`)
  })
}
