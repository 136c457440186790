import { subscribe } from 'node:diagnostics_channel'
import { readdirSync, readFileSync } from 'node:fs'
import { SENT_QUERIES, type SentQuery } from '../caller-session.ts'
import { queriesDirectory, readQueryFile } from '../query.ts'
import { withoutPredicates } from './policies.ts'

/** The names of the files of queries. */
export const queryNames: readonly string[] = readdirSync(queriesDirectory)
  .map((file) => file.replace(/\.sql$/, ''))
  .toSorted()

const nameOf = (file: string, part: string): string => `${file} [${part}]`

const files = new Map(queryNames.map((name) => [name, readQueryFile(name)]))
const partsOf = (file: string): [string, string][] => Object.entries(files.get(file)?.parts ?? {})

/** Every text that is to be sent some time: of a file, or a part of one that is not only a piece of its others. */
export const committedTexts: readonly string[] = queryNames.flatMap((file) => {
  const parts = readFileSync(`${queriesDirectory}/${file}.sql`, 'utf8')
    .split(/^-- \[/m)
    .slice(1)
    .join('')
  const whole = partsOf(file).filter(([part]) => !parts.includes(`{${part}}`))
  return [...(files.get(file)?.text === '' ? [] : [file]), ...whole.map(([part]) => nameOf(file, part))]
})

/** The parts of files that may stand in a slot, and what joins several. */
const SLOTS: Record<string, { file?: string; parts?: readonly string[]; joint?: string }> = {
  filter: { file: 'tasks.filter', joint: '\n    and ' },
  overdue: { file: 'tasks.filter', parts: ['overdue'] },
  now: { file: 'tasks.filter', parts: ['now'] },
  zone: { file: 'tasks.filter', parts: ['zone'] },
  clock: { file: 'tasks.list', parts: ['clock', 'no clock'] },
  page: { file: 'tasks.list', parts: ['page', 'page of a search'] },
  // Of the order that is asked for.
  tasks: { joint: '\nunion all\n' },
  'found tasks': { joint: '\nunion all\n' },
}
const DIRECTIONS = [
  ['asc', '>'],
  ['desc', '<'],
] as const

interface Match {
  end: number
  used: readonly string[]
}

/** The committed texts that a query is made of, and of nothing else; undefined where there are none. */
export function committedTextsOf({ name, text }: SentQuery): readonly string[] | undefined {
  // A list is named for its order, whose file has parts only.
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
  /** What stands before the slot. */
  literal: RegExp
  slot: string | undefined
}

const pieces = new Map<string, readonly Piece[]>()
function piecesOf(template: string): readonly Piece[] {
  const known = pieces.get(template)
  if (known !== undefined) return known
  const made: Piece[] = []
  const texts = template.split(/\{([a-z ]+)\}/)
  for (let at = 0; at < texts.length; at += 2) {
    const pattern = escaped(texts[at] ?? '').replace(/(?<![:\w]):[a-z]\w*/g, String.raw`\$\d+`)
    made.push({ literal: new RegExp(pattern, 'y'), slot: texts[at + 1] })
  }
  pieces.set(template, made)
  return made
}

/** The ways in which a template matches a text from a place on. */
function matches(template: string, text: string, at: number, given: Given): Generator<Match> {
  return matchesOf(piecesOf(template), text, at, given)
}

function* matchesOf([piece, ...others]: readonly Piece[], text: string, at: number, given: Given): Generator<Match> {
  if (piece === undefined) return yield { end: at, used: [] }
  const { literal, slot } = piece
  literal.lastIndex = at
  if (!literal.test(text)) return
  const end = literal.lastIndex
  if (slot === undefined) return yield { end, used: [] }
  for (const inside of slotMatches(slot, text, end, given))
    for (const after of matchesOf(others, text, inside.end, given))
      yield { end: after.end, used: [...inside.used, ...after.used] }
}

function* slotMatches(slot: string, text: string, at: number, given: Given): Generator<Match> {
  const [direction, past] = given.direction
  if (slot === 'direction') return yield* matches(direction, text, at, given)
  if (slot === 'past') return yield* matches(past, text, at, given)
  if (slot === 'most') return yield* numbers(text, at)
  const { file = given.order, parts, joint } = SLOTS[slot] ?? {}
  if (file === undefined) return
  for (const [part, template] of partsOf(file)) {
    if (parts?.includes(part) === false) continue
    for (const one of matches(template, text, at, given)) {
      const used = [nameOf(file, part), ...one.used]
      yield { end: one.end, used }
      if (joint !== undefined && text.startsWith(joint, one.end))
        for (const others of slotMatches(slot, text, one.end + joint.length, given))
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
/** How many predicates the run without them takes out of a text. */
export const predicatesIn = (text: string): number =>
  count(withoutPredicates(text), /\btrue\b/g) - count(text, /\btrue\b/g)
/** How many tables a text reads. */
const tablesIn = (text: string): number => count(text, /(?:\b(?:from|join)|,)\s+(?:tw|auth)\.(?!\w+\()\w+/g)

/** From now on a query that this process sends, and that is not made of committed texts, is an uncaught error. */
export function holdQueries(): void {
  const known = new Set<string>()
  subscribe(SENT_QUERIES, (message) => {
    // As the door publishes it.
    const { name, text } = message as SentQuery
    if (known.has(text)) return
    known.add(text)
    if (committedTextsOf({ name, text }) === undefined)
      throw new Error(`The query ${name} is no text of packages/db/queries:\n${text}`)
    const [tables, predicates] = [tablesIn(text), predicatesIn(text)]
    if (tables !== predicates)
      throw new Error(`The query ${name} reads ${tables} tables, and has ${predicates} predicates:\n${text}`)
  })
}
