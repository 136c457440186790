/** The types of a parameter. Any other value throws before anything is sent. */
export type Parameter = string | number | boolean | null | Uint8Array

/** SQL and its parameters in PostgreSQL's text format. */
export interface Statement {
  readonly text: string
  readonly parameters: readonly (string | null)[]
}

// Checked here, since the driver would notice a value of another type only after it had sent a part of the statement.
function asText(value: unknown, at: number): string | null {
  if (value === null) return null
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (value instanceof Uint8Array) return bytesText(value)
  throw new TypeError(`Parameter ${at + 1} is ${typeof value}; give a string, a number, a boolean, null or bytes`)
}

/** The place of a named parameter of a prepared query. */
interface Named<Name extends string> {
  readonly named: Name
}

type Part = SQL | Named<string> | Parameter

/** A query or a piece of one: texts, and the parts between them. */
export interface SQL {
  readonly texts: readonly string[]
  readonly parts: readonly Part[]
}

/** Builds a query from a template; a `Parameter` in it is sent separately from the text. */
export interface SqlTag {
  (texts: TemplateStringsArray, ...parts: readonly Part[]): SQL
  /** SQL text, which is sent unescaped: never a caller's text. */
  raw(text: string): SQL
}

export const sql: SqlTag = Object.assign(
  (texts: TemplateStringsArray, ...parts: readonly Part[]): SQL => ({ texts, parts }),
  { raw: (text: string): SQL => ({ texts: [text], parts: [] }) },
)

/** Joins the texts of a query and of the queries in it, with $1, $2 … for the other parts. */
function compile(query: SQL): { text: string; values: unknown[] } {
  const values: unknown[] = []
  const write = (part: Part | undefined): string =>
    typeof part === 'object' && part !== null && 'texts' in part ? textOf(part) : `$${values.push(part)}`
  const textOf = ({ texts, parts }: SQL): string =>
    texts.map((text, at) => (at === 0 ? text : write(parts[at - 1]) + text)).join('')
  return { text: textOf(query), values }
}

/** Compiles a query that is built for each call. Throws a TypeError if a parameter has another type. */
export function statement(query: SQL): Statement {
  const { text, values } = compile(query)
  return statementOf(text, values)
}

/** Returns a statement of a given text. Throws a TypeError if a parameter has another type. */
export function statementOf(text: string, parameters: readonly unknown[]): Statement {
  return { text, parameters: parameters.map(asText) }
}

/** A query that is compiled once, with named parameters. */
export interface Prepared<Name extends string> {
  readonly text: string
  with(values: Readonly<Record<Name, Parameter>>): Statement
}

/**
 * Compiles a query once, when its module is loaded. Parameters are `param('name')`; one that is used several times is
 * sent once for each use. Throws a TypeError if the query contains a value.
 */
export function prepare<Name extends string>(build: (param: (name: Name) => Named<Name>) => SQL): Prepared<Name> {
  const { text, values } = compile(build((named) => ({ named })))
  const names = values.map((value): Name => {
    if (typeof value !== 'object' || value === null || !('named' in value))
      throw new TypeError('A prepared query holds a value; make it a parameter')
    // It was created here, with a `Name`.
    return value.named as Name
  })
  return {
    text,
    with: (given) =>
      statementOf(
        text,
        names.map((name) => given[name]),
      ),
  }
}

/** Bytes in PostgreSQL's text format. */
export function bytesText(value: Uint8Array): string {
  return `\\x${Buffer.from(value).toString('hex')}`
}

/** An array in PostgreSQL's text format, for `= any ($1::uuid[])`. */
export function arrayText(values: readonly (string | number | null)[]): string {
  const items = values.map((value, at) => {
    const text = asText(value, at)
    return text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`
  })
  return `{${items.join(',')}}`
}

/** The texts of an array in PostgreSQL's text format: of one dimension, without nulls. */
export function textsOf(array: string): string[] {
  if (array === '{}') return []
  if (!array.includes('"')) return array.slice(1, -1).split(',')
  // An item is in quotes, with a backslash before each quote and backslash, or is the text itself.
  const items = array.slice(1, -1).matchAll(/"((?:[^"\\]|\\[^])*)"|[^,]+/g)
  return Array.from(items, ([item, quoted]) => quoted?.replace(/\\([^])/g, '$1') ?? item)
}
