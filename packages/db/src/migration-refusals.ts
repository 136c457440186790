import type { Sql } from 'postgres'
import { COMMANDS } from './commands.ts'
import type { Address } from './connection/address.ts'

const OWNER = 'taskwire_owner'
const SET_UP = `run ${COMMANDS.setup} with the address of an administrator`

/** Throws if the login is not the owner, or if the server's version, the encoding or the roles do not fit. */
export async function refuseServer(sql: Sql, address: Address): Promise<void> {
  const [server] = await sql<
    { login: string; version: number; encoding: string; create: boolean; missing: string[] }[]
  >`
    select current_user as login, current_setting('server_version_num')::int / 10000 as version,
      getdatabaseencoding() as encoding, has_database_privilege(current_database(), 'create') as create,
      to_json(array(
        select name from unnest(array['taskwire_app', 'taskwire_auth', 'taskwire_definer', 'taskwire_backup']) name
        where not exists (select from pg_roles where rolname = name) order by name
      )) as missing`
  if (server === undefined) throw new Error('The database returned no row')
  const { login, version, encoding, create, missing } = server
  const where = `The database ${address.database} at ${address.host}:${address.port}`
  if (login !== OWNER)
    throw new Error(
      `${where} must be migrated by ${OWNER}, which then owns the tables, and not by ${login}: set DATABASE_OWNER_URL to an address of ${OWNER}.`,
    )
  if (version < 15) throw new Error(`${where} runs on PostgreSQL ${version}: use 15 to 18.`)
  if (encoding !== 'UTF8')
    throw new Error(
      `${where} has the encoding ${encoding}, which does not cover every character: create it again with UTF8.`,
    )
  if (missing.length > 0) throw new Error(`${where} has no role ${missing.join(', ')}: ${SET_UP}.`)
  if (!create) throw new Error(`${where} does not let ${OWNER} create schemas: ${SET_UP}.`)
}

/** Throws for a database from before spaces: its data can be taken over only by export and import. */
export async function refuseOldTables(sql: Sql, { host, port, database }: Address): Promise<void> {
  const [table] = await sql<{ there: boolean }[]>`select to_regclass('tw.user_heads') is not null there`
  if (table?.there !== true) return
  throw new Error(
    `The database ${database} at ${host}:${port} was made by a version of Taskwire before spaces, whose tables this one cannot read; nothing was changed. Export each account with the version that made it (taskwire export --format json), use an empty database (for the embedded database, move the folder .taskwire away), start, and import.`,
  )
}
