import { type SQL, sql } from 'drizzle-orm'
import { customType, type PgPolicy, type PgRole, pgPolicy, pgRole, pgSchema, timestamp } from 'drizzle-orm/pg-core'

/** The schema of spaces and their rows. */
export const tw = pgSchema('tw')

// Created once for the cluster by roles.sql, not by a migration.
export const owner = pgRole('taskwire_owner').existing()
export const app = pgRole('taskwire_app').existing()
export const definer = pgRole('taskwire_definer').existing()
export const signIn = pgRole('taskwire_auth').existing()
export const backup = pgRole('taskwire_backup').existing()

/** The space that the call acts in, and the caller's account; outside of a call the nil UUID. */
export const space: SQL = sql`tw.space()`
export const account: SQL = sql`tw.account()`

/** An instant in milliseconds, as in JavaScript and the contract. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' })

const ofType = (type: string) => customType<{ data: unknown }>({ dataType: () => type })
/** A column of a domain, which the migrations define with its rule (ADR 28). */
export const inDomain = (domain: string, column = domain) => ofType(`tw.${domain}`)(column)

/**
 * The row-level security policies of a table that the service reads through definer functions only. The owner, the
 * definer and the backup role see every row, within their grants. The owner needs a policy for migrations and cascades,
 * since the policies are forced.
 */
export function closedPolicies(table: string, others: readonly PgRole[] = []): PgPolicy[] {
  const all = [owner, definer, ...others].map((role) =>
    pgPolicy(`${table}_${role.name.replace('taskwire_', '')}`, { to: role, using: sql`true`, withCheck: sql`true` }),
  )
  return [...all, pgPolicy(`${table}_backup`, { to: backup, for: 'select', using: sql`true` })]
}

/** The policies of a table of which the service sees only the rows of the call's space, or of the caller's account. */
export function spacePolicies(table: string, column: SQL = sql`space_id`, whose: SQL = space): PgPolicy[] {
  const own = sql`${column} = ${whose}`
  return [pgPolicy(`${table}_app`, { to: app, using: own, withCheck: own }), ...closedPolicies(table)]
}

/** The policies of the tables of sign-in. */
export const signInPolicies = (table: string): PgPolicy[] => closedPolicies(table, [signIn])
