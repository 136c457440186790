import { type SQL, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'

/** What a parameter may be; everything else is refused before the first byte is sent. */
export type Parameter = string | number | boolean | null | Uint8Array

/** SQL and its parameters as PostgreSQL's text: what the door sends. */
export interface Statement {
  readonly text: string
  readonly parameters: readonly (string | null)[]
}

const dialect = new PgDialect()

// A parameter that is not what it claims would be found by the driver after BEGIN has been sent.
function asText(value: unknown, at: number): string | null {
  if (value === null) return null
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  throw new TypeError(`Parameter ${at + 1} is ${typeof value}; give a string, a number, a boolean, null or bytes`)
}

/** Compiles a query that is built anew for each call. */
export function statement(query: SQL): Statement {
  const { sql: text, params } = dialect.sqlToQuery(query)
  return { text, parameters: params.map(asText) }
}

/** A query compiled once, with its parameters by name. */
export interface Prepared<Name extends string> {
  readonly text: string
  with(values: Readonly<Record<Name, Parameter>>): Statement
}

/**
 * Compiles a query when its module is read. Parameters are `param('name')`; each may be used
 * several times and is sent once for each use.
 */
export function prepare<Name extends string>(build: (param: (name: Name) => SQL) => SQL): Prepared<Name> {
  const names: Name[] = []
  const placeholder = (name: Name): SQL => sql`${sql.placeholder(name)}`
  const { sql: text, params } = dialect.sqlToQuery(build(placeholder))
  for (const param of params) {
    // sqlToQuery() hands placeholders back as they were given: each has the name that `build` used.
    names.push((param as { name: Name }).name)
  }
  return {
    text,
    with: (values) => ({ text, parameters: names.map((name, at) => asText(values[name], at)) }),
  }
}

/** An array as PostgreSQL's text, for `= any ($1::uuid[])`. */
export function arrayText(values: readonly (string | number | null)[]): string {
  const items = values.map((v) => (v === null ? 'NULL' : `"${String(v).replace(/["\\]/g, '\\$&')}"`))
  return `{${items.join(',')}}`
}
