import { type Address, connectOnce } from '@taskwire/db'
import { ConfigError } from './config.ts'

/** Refuses a login that row security would not hold, and a server that would lose what it acknowledged. */
export async function verifyDatabase(address: Address): Promise<void> {
  await using connection = await connectOnce({ address, applicationName: 'taskwire-verify' })
  const { sql } = connection
  const problems: string[] = []
  const [server] = await sql<{ version: number; durable: string }[]>`
    select current_setting('server_version_num')::int / 10000 version, current_setting('synchronous_commit') durable`
  if (server === undefined || server.version < 15)
    problems.push('The server is older than PostgreSQL 15; use 15 to 18.')
  if (server?.durable === 'off')
    problems.push('synchronous_commit is off, so that a crash would lose what was acknowledged; turn it on.')

  const powers = await sql<{ rolname: string }[]>`
    select rolname from pg_roles
    where pg_has_role(current_user, oid, 'member') and (rolsuper or rolbypassrls or oid in (
      select relowner from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('tw', 'auth')))`
  if (powers.length > 0)
    problems.push(
      `${address.user} is or belongs to ${powers.map((role) => role.rolname).join(', ')}: a superuser, an owner of the tables or a role that bypasses row security. Let DATABASE_URL be of taskwire_app.`,
    )
  const bare = await sql<{ relname: string }[]>`
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('tw', 'auth') and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)`
  if (bare.length > 0)
    problems.push(
      `Row security is not forced on ${bare.map((table) => table.relname).join(', ')}; run the migrations, and alter nothing by hand.`,
    )
  const [schema] = await sql<{ there: boolean }[]>`select to_regclass('tw.tasks') is not null there`
  if (schema?.there !== true)
    problems.push(
      'The database has no tables of Taskwire; set DATABASE_OWNER_URL so that the service migrates it, or run: npm run db:migrate',
    )
  if (problems.length > 0)
    throw new ConfigError(
      [
        `Taskwire cannot start on ${address.host}:${address.port}/${address.database}:`,
        ...problems.map((p) => `  - ${p}`),
      ].join('\n'),
    )
}
