import { readFile } from 'node:fs/promises'
import type { Sql } from 'postgres'
import type { Address } from './connection/address.ts'
import { connectOnce } from './connection/connect.ts'

/** The logins that a deployment needs; `taskwire_definer` and `taskwire_backup` cannot log in. */
export const LOGINS = ['taskwire_owner', 'taskwire_app', 'taskwire_auth'] as const
export type Login = (typeof LOGINS)[number]

export interface SetUpOptions {
  /** Of somebody who may create roles, connected to the database that Taskwire is to have. */
  admin: Address
  passwords: Record<Login, string>
  /** Keeps out of PostgreSQL's log what the logins are refused, which quotes values; takes a superuser. */
  quiet?: boolean
}

// Roles belong to the cluster and locks of ours to a database: of two that set up at once, one meets
// a role that has just been made (42710, 23505) or changed (XX000: tuple concurrently updated).
const MET_ANOTHER = /^(42710|23505|XX000)$/
const TRIES = 20

/** Makes the five roles where they are missing, sets the logins' passwords and lets the owner create schemas. */
export async function setUpRoles({ admin, passwords, quiet = false }: SetUpOptions): Promise<void> {
  const roles = await readFile(new URL('../roles.sql', import.meta.url), 'utf8')
  for (const login of LOGINS)
    if (passwords[login] === '' || passwords[login].includes('\u0000'))
      throw new Error(`The password for ${login} is empty or holds a NUL character; give it another.`)
  await using connection = await connectOnce({ address: admin, applicationName: 'taskwire-setup' })
  const { sql } = connection
  // One message, and so one transaction, which a connection that breaks cannot leave half done.
  const text = [
    roles,
    // What is no answer but a fault, the service and the migrator tell themselves.
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
      const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
      if (typeof code === 'string' && MET_ANOTHER.test(code) && attempt < TRIES) continue
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
