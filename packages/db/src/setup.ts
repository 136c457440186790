import { readFile } from 'node:fs/promises'
import type { Address } from './address.ts'
import { connectOnce } from './connect.ts'

/** The logins that a deployment needs; `taskwire_definer` and `taskwire_backup` cannot log in. */
export const LOGINS = ['taskwire_owner', 'taskwire_app', 'taskwire_auth'] as const
export type Login = (typeof LOGINS)[number]

export interface SetUpOptions {
  /** Of somebody who may create roles, connected to the database that Taskwire is to have. */
  admin: Address
  passwords: Record<Login, string>
}

/** Makes the five roles where they are missing, sets the logins' passwords and lets the owner create schemas. */
export async function setUpRoles({ admin, passwords }: SetUpOptions): Promise<void> {
  const roles = await readFile(new URL('../roles.sql', import.meta.url), 'utf8')
  await using connection = await connectOnce({ address: admin, applicationName: 'taskwire-setup' })
  const { sql } = connection
  await sql.begin(async (tx) => {
    // Two that set up at once would both find a role missing.
    await tx`select pg_advisory_xact_lock(7203847562911048)`
    await tx.unsafe(roles)
    for (const login of LOGINS) {
      const [row] = await tx<{ literal: string }[]>`select quote_literal(${passwords[login]}) literal`
      await tx.unsafe(`alter role ${login} password ${row?.literal ?? ''}`)
    }
    await tx`grant connect, create on database ${tx(admin.database)} to taskwire_owner`
    await tx`grant connect on database ${tx(admin.database)} to taskwire_app, taskwire_auth`
  })
}
