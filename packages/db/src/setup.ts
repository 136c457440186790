import { readFile } from 'node:fs/promises'
import type { Sql } from 'postgres'
import type { Address } from './connection/address.ts'
import { connectOnce } from './connection/connect.ts'
import { codeOf } from './errors.ts'

/** The roles that log in; `taskwire_definer` and `taskwire_backup` cannot. */
export const LOGINS = ['taskwire_owner', 'taskwire_app', 'taskwire_auth'] as const
export type Login = (typeof LOGINS)[number]

export interface SetUpOptions {
  /** A login that may create roles, in the database that Taskwire is to use. */
  admin: Address
  passwords: Record<Login, string>
  /** Keeps the logins' failed statements, which contain values, out of PostgreSQL's log; requires a superuser. */
  quiet?: boolean
}

// Roles belong to the cluster, advisory locks to a database. When two set-ups run at once, one may find a role that the
// other has just created (42710, 23505) or changed (XX000: tuple concurrently updated).
const CONFLICT = /^(42710|23505|XX000)$/
const MAX_ATTEMPTS = 20

/** Creates the roles that are missing, sets the logins' passwords and lets the owner create schemas. */
export async function setUpRoles({ admin, passwords, quiet = false }: SetUpOptions): Promise<void> {
  const roles = await readFile(new URL('../roles.sql', import.meta.url), 'utf8')
  for (const login of LOGINS)
    if (passwords[login] === '' || passwords[login].includes('\u0000'))
      throw new Error(`The password for ${login} is empty or contains a NUL character; give it another.`)
  await using connection = await connectOnce({ address: admin, applicationName: 'taskwire-setup' })
  const { sql } = connection
  // One message is one transaction: a lost connection cannot leave half of it.
  const text = [
    roles,
    // The service and the migrator log all faults themselves, except statements that were rightly refused.
    ...(quiet ? LOGINS.map((login) => `alter role ${login} set log_min_messages = 'log';`) : []),
    ...(await Promise.all(
      LOGINS.map(async (login) => `alter role ${login} password ${await quoted(sql, passwords[login])};`),
    )),
    `grant connect, create on database ${await database(sql)} to taskwire_owner;`,
    `grant connect on database ${await database(sql)} to taskwire_app, taskwire_auth;`,
  ].join('\n')
  for (let attempt = 1; ; attempt++) {
    try {
      await sql.unsafe(text)
      return
    } catch (cause) {
      const code = codeOf(cause)
      if (CONFLICT.test(code) && attempt < MAX_ATTEMPTS) continue
      if (code !== '42501') throw cause
      throw new Error(
        `The login ${admin.user} may not set up the roles (${cause instanceof Error ? cause.message : ''}): use one that has CREATEROLE and owns the database ${admin.database}.`,
        { cause },
      )
    }
  }
}

async function quoted(sql: Sql, text: string): Promise<string> {
  const [row] = await sql<{ literal: string }[]>`select quote_literal(${text}) literal`
  return row?.literal ?? 'null'
}

async function database(sql: Sql): Promise<string> {
  const [row] = await sql<{ name: string }[]>`select quote_ident(current_database()) name`
  return row?.name ?? ''
}
