import { is, Placeholder, type SQL, type SQLWrapper, sql as drizzle, type Table } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'

/** What a parameter may be; everything else is refused before the first byte is sent. */
export type Parameter = string | number | boolean | null | Uint8Array

/** SQL and its parameters as PostgreSQL's text: what the door sends. */
export interface Statement {
  readonly text: string
  readonly parameters: readonly (string | null)[]
}

const dialect = new PgDialect()

// A parameter that is not what it claims would be found by the driver after a part of it has been sent.
function asText(value: unknown, at: number): string | null {
  if (value === null) return null
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (value instanceof Uint8Array) return bytesText(value)
  throw new TypeError(`Parameter ${at + 1} is ${typeof value}; give a string, a number, a boolean, null or bytes`)
}

/** A parameter, or what Drizzle writes as text: a query, a table, a column. */
type Part = SQLWrapper | Table | Parameter

/** Makes a part of a query from a template: a `Parameter` in it is sent beside the text. */
export interface SqlTag {
  (strings: TemplateStringsArray, ...parts: readonly Part[]): SQL
  /** Text as it stands: never a caller's. */
  raw(text: string): SQL
  /** A name, in quotes. */
  identifier(name: string): SQL
  join(parts: readonly SQL[], separator: SQL): SQL
}

// Drizzle leaves an undefined out of the text, so that a condition would vanish unseen.
function refuseUndefined(parts: readonly Part[]): void {
  const at = parts.indexOf(undefined as unknown as Part)
  if (at >= 0) throw new TypeError(`Part ${at + 1} of a query is undefined; give null, or leave the part out`)
}

export const sql: SqlTag = Object.assign(
  (strings: TemplateStringsArray, ...parts: readonly Part[]): SQL => {
    refuseUndefined(parts)
    return drizzle(strings, ...parts)
  },
  {
    raw: (text: string): SQL => drizzle.raw(text),
    identifier: (name: string): SQL => drizzle`${drizzle.identifier(name)}`,
    join(parts: readonly SQL[], separator: SQL): SQL {
      refuseUndefined(parts)
      return drizzle.join([...parts], separator)
    },
  },
)

/** Compiles a query that is built anew for each call. Throws a TypeError on a parameter that is none. */
export function statement(query: SQL): Statement {
  const { sql: text, params } = dialect.sqlToQuery(query)
  return { text, parameters: params.map(asText) }
}

/** A statement of text that stands as it is, and its parameters. Throws a TypeError on a parameter that is none. */
export function statementOf(text: string, parameters: readonly unknown[]): Statement {
  return { text, parameters: parameters.map(asText) }
}

/** A query compiled once, with its parameters by name. */
export interface Prepared<Name extends string> {
  readonly text: string
  with(values: Readonly<Record<Name, Parameter>>): Statement
}

/**
 * Compiles a query when its module is read. Parameters are `param('name')`; each may be used
 * several times and is sent once for each use. Throws a TypeError where a value is built in.
 */
export function prepare<Name extends string>(build: (param: (name: Name) => SQL) => SQL): Prepared<Name> {
  const placeholder = (name: Name): SQL => drizzle`${drizzle.placeholder(name)}`
  const { sql: text, params } = dialect.sqlToQuery(build(placeholder))
  const names = params.map((param): Name => {
    if (!is(param, Placeholder)) throw new TypeError('A prepared query holds a value; make it a parameter')
    // It is one of those that `build` was given the means to make; the type hides its name.
    return (param as unknown as { name: Name }).name
  })
  return {
    text,
    with: (values) => ({ text, parameters: names.map((name, at) => asText(values[name], at)) }),
  }
}

/** Bytes as PostgreSQL's text. */
export function bytesText(value: Uint8Array): string {
  return `\\x${Buffer.from(value).toString('hex')}`
}

/** An array as PostgreSQL's text, for `= any ($1::uuid[])`. */
export function arrayText(values: readonly (string | number | null)[]): string {
  const items = values.map((value, at) => {
    const text = asText(value, at)
    return text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`
  })
  return `{${items.join(',')}}`
}
