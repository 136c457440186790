import { is, Placeholder, type SQL, type SQLWrapper, sql as drizzle, type Table } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'

/** The types of a parameter. Any other value throws before anything is sent. */
export type Parameter = string | number | boolean | null | Uint8Array

/** SQL and its parameters in PostgreSQL's text format. */
export interface Statement {
  readonly text: string
  readonly parameters: readonly (string | null)[]
}

const dialect = new PgDialect()

// Checked here, since the driver would notice a value of another type only after it had sent a part of the statement.
function asText(value: unknown, at: number): string | null {
  if (value === null) return null
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (value instanceof Uint8Array) return bytesText(value)
  throw new TypeError(`Parameter ${at + 1} is ${typeof value}; give a string, a number, a boolean, null or bytes`)
}

/** A parameter, or an object that Drizzle writes as SQL: a query, a table, a column. */
type Part = SQLWrapper | Table | Parameter

/** Builds a query from a template; a `Parameter` in it is sent separately from the text. */
export interface SqlTag {
  (strings: TemplateStringsArray, ...parts: readonly Part[]): SQL
  /** SQL text, unescaped: never a caller's. */
  raw(text: string): SQL
  /** A quoted name. */
  identifier(name: string): SQL
  join(parts: readonly SQL[], separator: SQL): SQL
}

// Drizzle leaves undefined out of the text: a condition would be dropped silently.
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

/** Compiles a query that is built for each call. Throws a TypeError if a parameter has another type. */
export function statement(query: SQL): Statement {
  const { sql: text, params } = dialect.sqlToQuery(query)
  return { text, parameters: params.map(asText) }
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
export function prepare<Name extends string>(build: (param: (name: Name) => SQL) => SQL): Prepared<Name> {
  const placeholder = (name: Name): SQL => drizzle`${drizzle.placeholder(name)}`
  const { sql: text, params } = dialect.sqlToQuery(build(placeholder))
  const names = params.map((param): Name => {
    if (!is(param, Placeholder)) throw new TypeError('A prepared query holds a value; make it a parameter')
    // It was created by `placeholder`, with a `Name`; the type does not show it.
    return (param as unknown as { name: Name }).name
  })
  return {
    text,
    with: (values) => ({ text, parameters: names.map((name, at) => asText(values[name], at)) }),
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
