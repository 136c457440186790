import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Caller } from './caller-session.ts'
import { type Parameter, type Statement, statementOf } from './statement.ts'

/** Where the text of each query is, whole: `<name>.sql`. */
export const queriesDirectory: string = fileURLToPath(new URL('../queries', import.meta.url))

/** What every query takes to authenticate, by itself. */
const AUTHENTICATION = ['space', 'credential', 'acting', 'need'] as const

/** A query that is asked for: its name, and the values of its own parameters. */
export interface QueryCall {
  readonly name: string
  /** Its statement for a caller, whose credential needs the scope. */
  statement(caller: Caller, need: string): Statement
}

/** A query of one text. */
export interface Query<Name extends string> {
  readonly name: string
  with(values: Readonly<Record<Name, Parameter>>): QueryCall
}

/** By name; more than a text uses may be given. */
export type Values = Readonly<Record<string, Parameter>>

// No cast (`::text`), and no part of a slice (`[1 : :limit]`).
const PARAMETER = /(?<![:\w]):([a-z]\w*)/g
const SLOT = /\{([a-z][a-z ]*)\}/g
const HEADING = /^-- \[(.+)\]$/m

/** A file of a query: its text, and the parts below it that have a heading, such as `-- [due none]`. */
export interface QueryFile {
  text: string
  parts: Readonly<Record<string, string>>
}

/** Reads a file, without its comments. A part may hold `{another part}` of the same file; all other slots stay. */
export function readQueryFile(name: string, directory: string = queriesDirectory): QueryFile {
  const [head = '', ...sections] = readFileSync(`${directory}/${name}.sql`, 'utf8').split(HEADING)
  const bodies = new Map<string, string>()
  for (let at = 0; at < sections.length; at += 2)
    bodies.set(sections[at] ?? '', withoutComments(sections[at + 1] ?? ''))
  const whole = (body: string): string =>
    body.replace(SLOT, (slot, part: string) => (bodies.has(part) ? whole(bodies.get(part) ?? '') : slot))
  const parts = [...bodies].map(([part, body]) => [part, whole(body)] as const)
  return { text: withoutComments(head), parts: Object.fromEntries(parts) }
}

function withoutComments(text: string): string {
  const lines = text.split('\n').filter((line) => !line.startsWith('--'))
  return lines.join('\n').trim()
}

/** The parts of a file, by name. Throws where it has not one of them. */
export function readQueryParts<Name extends string>(
  file: string,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const { parts } = readQueryFile(file)
  for (const name of names) if (!(name in parts)) throw new Error(`${file}.sql has no part [${name}]`)
  return parts
}

/** Texts of files, split at their slots once. */
const split = new Map<string, readonly string[]>()

/** Fills the slots of a text of a file. Throws where one is left. */
export function fill(text: string, slots: Readonly<Record<string, string>>): string {
  const pieces = split.get(text) ?? text.split(SLOT)
  split.set(text, pieces)
  let filled = ''
  for (const [at, piece] of pieces.entries()) {
    // Every other piece is a slot.
    const given = at % 2 === 1 ? slots[piece] : piece
    if (given === undefined) throw new Error(`Nothing is given for {${piece}}`)
    filled += given
  }
  return filled
}

/** The text as it is sent, with $1 for its first parameter, and the names of its parameters in that order. */
function numbered(
  text: string,
  placeholder: (nr: number) => string = (nr) => `$${nr}`,
): { text: string; names: readonly string[] } {
  const numbers = new Map<string, number>()
  let sent = ''
  for (const [at, piece] of text.split(PARAMETER).entries()) {
    // Every other piece is a name.
    if (at % 2 === 1 && !numbers.has(piece)) numbers.set(piece, numbers.size + 1)
    sent += at % 2 === 1 ? placeholder(numbers.get(piece) ?? 0) : piece
  }
  return { text: sent, names: [...numbers.keys()] }
}

/** A text that says which it is, so that PostgreSQL's own views and logs do. */
const named = (name: string, text: string): string => `-- ${name}\n${text}`

function callOf(name: string, { text, names }: ReturnType<typeof numbered>, values: Values): QueryCall {
  return {
    name,
    statement({ spaceId, credential, actingAs }, need) {
      const all: Values = { ...values, space: spaceId, credential, acting: actingAs, need }
      return statementOf(
        text,
        names.map((parameter) => all[parameter]),
      )
    },
  }
}

/** The query of a file, `packages/db/queries/<name>.sql`, by the names of its own parameters. Throws where these are others. */
export function query<Name extends string>(name: string, parameters: readonly Name[] = []): Query<Name> {
  const text = numbered(named(name, readQueryFile(name).text))
  const given = [...AUTHENTICATION, ...parameters].toSorted().join()
  const wanted = text.names.toSorted().join()
  if (given !== wanted) throw new Error(`${name}.sql has the parameters ${wanted}, and not ${given}`)
  return { name, with: (values) => callOf(name, text, values) }
}

/** A query that is composed for a call, of texts of files. */
export function composedQuery(name: string, text: string, values: Values): QueryCall {
  return callOf(name, numbered(named(name, text)), values)
}

/**
 * Conditions of files for a function that runs them by EXECUTE: their parameters are the elements of one array of text,
 * `$1`, so that no value is part of the text.
 */
export function conditionsOf(text: string, values: Values): Statement {
  const { text: elements, names } = numbered(text, (nr) => `$1[${nr}]`)
  return statementOf(
    elements,
    names.map((parameter) => values[parameter]),
  )
}
