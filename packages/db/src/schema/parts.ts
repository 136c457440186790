import { type SQL, sql } from 'drizzle-orm'
import { customType, type PgPolicy, type PgRole, pgPolicy, pgRole, pgSchema, timestamp } from 'drizzle-orm/pg-core'

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

export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })

/** An instant with the milliseconds that JavaScript and the contract have. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' })

/**
 * The fence of a table that the service reaches through definer functions alone. Whoever is named
 * here sees every row, each still bound by its grants: the owner, whose migrations and cascades are
 * under the forced policies too, the definer functions, and whoever makes backups.
 */
export function closed(table: string, others: readonly PgRole[] = []): PgPolicy[] {
  const all = [owner, definer, ...others].map((role) =>
    pgPolicy(`${table}_${role.name.replace('taskwire_', '')}`, { to: role, using: sql`true`, withCheck: sql`true` }),
  )
  return [...all, pgPolicy(`${table}_backup`, { to: backup, for: 'select', using: sql`true` })]
}

/** The fence of a table: the service sees the rows of the space that the call acts in, or of the account that calls. */
export function fence(table: string, column: SQL = sql`space_id`, whose: SQL = space): PgPolicy[] {
  const own = sql`${column} = ${whose}`
  return [pgPolicy(`${table}_app`, { to: app, using: own, withCheck: own }), ...closed(table)]
}

/** The fence of the tables of signing in. */
export const signInOnly = (table: string): PgPolicy[] => closed(table, [signIn])

// What JavaScript's trim() removes, control characters aside; \s misses some of these.
const BLANKS = String.raw`U&'\0020\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000\FEFF'`

/** One line of text as the contract has it (contract: text.ts). */
export function isLine(column: string, max: number): SQL {
  return sql.raw(
    `char_length(${column}) between 1 and ${max} and ${column} is nfc normalized ` +
      String.raw`and ${column} !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]' and ${column} = btrim(${column}, ${BLANKS})`,
  )
}

/** Text of many lines as the contract has it. */
export function isText(column: string, max: number): SQL {
  return sql.raw(`char_length(${column}) <= ${max} and ${column} is nfc normalized`)
}

/** Eight hexadecimal digits and a fraction; one that ended in 0 would leave no room before it. */
export const isPosition: SQL = sql.raw(`position ~ '^[0-9a-f]{8}([0-9a-f]*[1-9a-f])?$'`)
