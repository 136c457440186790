import { type SQL, sql } from 'drizzle-orm'
import { type PgPolicy, type PgRole, pgPolicy, pgRole, pgSchema, timestamp } from 'drizzle-orm/pg-core'

/** The tables of Taskwire's own. */
export const tw = pgSchema('tw')

// Made once for the cluster by roles.sql, not by a migration.
export const owner = pgRole('taskwire_owner').existing()
export const app = pgRole('taskwire_app').existing()
export const definer = pgRole('taskwire_definer').existing()
export const signIn = pgRole('taskwire_auth').existing()
export const backup = pgRole('taskwire_backup').existing()

/** The space that the call acts in, and the account that calls; outside of a call the nil UUID, which is none's. */
export const space: SQL = sql`tw.space()`
export const account: SQL = sql`tw.account()`

/** An instant with the milliseconds that JavaScript and the contract have. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' })

/**
 * The fence of a table that the service reaches through definer functions alone. Whoever is named
 * here sees every row, each still bound by its grants: the owner, whose migrations and cascades are
 * under the forced policies too, the definer functions, and whoever makes backups.
 */
export function closedPolicies(table: string, others: readonly PgRole[] = []): PgPolicy[] {
  const all = [owner, definer, ...others].map((role) =>
    pgPolicy(`${table}_${role.name.replace('taskwire_', '')}`, { to: role, using: sql`true`, withCheck: sql`true` }),
  )
  return [...all, pgPolicy(`${table}_backup`, { to: backup, for: 'select', using: sql`true` })]
}

/** The fence of a table: the service sees the rows of the space that the call acts in, or of the account that calls. */
export function spacePolicies(table: string, column: SQL = sql`space_id`, whose: SQL = space): PgPolicy[] {
  const own = sql`${column} = ${whose}`
  return [pgPolicy(`${table}_app`, { to: app, using: own, withCheck: own }), ...closedPolicies(table)]
}

/** The fence of the tables of signing in. */
export const signInPolicies = (table: string): PgPolicy[] => closedPolicies(table, [signIn])
