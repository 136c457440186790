import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Caller } from './caller.ts'
import { type Parameter, type Statement, statementOf } from './statement.ts'

/** The directory of the queries, in files `<name>.sql`. */
export const queriesDirectory: string = fileURLToPath(new URL('../queries', import.meta.url))

/** The parameters of every query that authenticate its caller. */
const AUTHENTICATION = ['space', 'credential', 'acting', 'need'] as const

/** A query with the values of its own parameters. */
export interface QueryCall {
  readonly name: string
  /** Whether the query always takes PostgreSQL less than a millisecond, so that it may share a connection. */
  readonly isShort: boolean
  /** Returns the statement for a caller, whose credential needs the scope `need`. */
  statement(caller: Caller, need: string): Statement
}

/** A query whose whole text is one file. */
export interface Query<Name extends string> {
  readonly name: string
  with(values: Readonly<Record<Name, Parameter>>): QueryCall
}

/** Values by parameter name; a text need not use all of them. */
export type Values = Readonly<Record<string, Parameter>>

// Matches `:name`, but not a cast (`::text`) or the colon of a slice (`[1 : :limit]`).
const PARAMETER = /(?<![:\w]):([a-z]\w*)/g
const PLACEHOLDER = /\{([a-z][a-z ]*)\}/g
const HEADING = /^-- \[(.+)\]$/m

/** A query file: its text, and the parts below it, each under a heading such as `-- [due none]`. */
export interface QueryFile {
  text: string
  parts: Readonly<Record<string, string>>
}

/**
 * Reads a query file, without its comments. In a part, `{another part}` of the same file is replaced by its text; other
 * placeholders stay.
 */
export function readQueryFile(name: string, directory: string = queriesDirectory): QueryFile {
  const [head = '', ...sections] = readFileSync(`${directory}/${name}.sql`, 'utf8').split(HEADING)
  const bodies = new Map<string, string>()
  for (let at = 0; at < sections.length; at += 2)
    bodies.set(sections[at] ?? '', withoutComments(sections[at + 1] ?? ''))
  const expand = (body: string): string =>
    body.replace(PLACEHOLDER, (original, part: string) =>
      bodies.has(part) ? expand(bodies.get(part) ?? '') : original,
    )
  const parts = [...bodies].map(([part, body]) => [part, expand(body)] as const)
  return { text: withoutComments(head), parts: Object.fromEntries(parts) }
}

function withoutComments(text: string): string {
  const lines = text.split('\n').filter((line) => !line.startsWith('--'))
  return lines.join('\n').trim()
}

/** Reads parts of a query file by name. Throws if one is missing. */
export function readQueryParts<Name extends string>(
  file: string,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const { parts } = readQueryFile(file)
  for (const name of names) if (!(name in parts)) throw new Error(`${file}.sql has no part [${name}]`)
  return parts
}

/** Cache of texts split at their placeholders. */
const splitTexts = new Map<string, readonly string[]>()

/** Replaces the placeholders of a text of a query file. Throws if one has no replacement. */
export function fill(text: string, replacements: Readonly<Record<string, string>>): string {
  const pieces = splitTexts.get(text) ?? text.split(PLACEHOLDER)
  splitTexts.set(text, pieces)
  let filled = ''
  for (const [at, piece] of pieces.entries()) {
    // Every other piece is a placeholder.
    const replacement = at % 2 === 1 ? replacements[piece] : piece
    if (replacement === undefined) throw new Error(`The placeholder {${piece}} has no replacement`)
    filled += replacement
  }
  return filled
}

/** Replaces the parameters of a text by $1, $2 …, and returns their names in that order. */
function numberParameters(
  text: string,
  marker: (nr: number) => string = (nr) => `$${nr}`,
): { text: string; names: readonly string[] } {
  const numbers = new Map<string, number>()
  let sent = ''
  for (const [at, piece] of text.split(PARAMETER).entries()) {
    // Every other piece is a name.
    if (at % 2 === 1 && !numbers.has(piece)) numbers.set(piece, numbers.size + 1)
    sent += at % 2 === 1 ? marker(numbers.get(piece) ?? 0) : piece
  }
  return { text: sent, names: [...numbers.keys()] }
}

/** Begins the text with the query's name, which PostgreSQL then shows in pg_stat_statements and its log. */
const withName = (name: string, text: string): string => `-- ${name}\n${text}`

function callOf(
  name: string,
  { text, names }: ReturnType<typeof numberParameters>,
  values: Values,
  isShort: boolean,
): QueryCall {
  return {
    name,
    isShort,
    statement({ spaceId, credential, actingAs }, need) {
      const all: Values = { ...values, space: spaceId, credential, acting: actingAs, need }
      return statementOf(
        text,
        names.map((parameter) => all[parameter]),
      )
    },
  }
}

/** Returns the query of `packages/db/queries/<name>.sql`. Throws if its own parameters are not `parameters`. */
export function query<Name extends string>(
  name: string,
  parameters: readonly Name[] = [],
  { isShort = false }: Partial<Pick<QueryCall, 'isShort'>> = {},
): Query<Name> {
  const text = numberParameters(withName(name, readQueryFile(name).text))
  const given = [...AUTHENTICATION, ...parameters].toSorted().join()
  const found = text.names.toSorted().join()
  if (given !== found) throw new Error(`${name}.sql has the parameters ${found}, and not ${given}`)
  return { name, with: (values) => callOf(name, text, values, isShort) }
}

/** Returns a query whose text was composed from query files. */
export function composedQuery(name: string, text: string, values: Values): QueryCall {
  return callOf(name, numberParameters(withName(name, text)), values, false)
}

/**
 * Converts conditions of query files for a function that runs them by EXECUTE: their parameters become the elements of
 * one text array, `$1`, so that the text holds no value.
 */
export function conditionsOf(text: string, values: Values): Statement {
  const { text: elements, names } = numberParameters(text, (nr) => `$1[${nr}]`)
  return statementOf(
    elements,
    names.map((parameter) => values[parameter]),
  )
}
