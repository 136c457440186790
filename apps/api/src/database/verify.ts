import { type Address, connectOnce, isMigrated } from '@taskwire/db'
import { ConfigError } from '../config.ts'

/** The database lacks migrations of this release, which somebody else is to apply; the message begins after its name. */
export class NotMigrated extends Error {
  override name = 'NotMigrated'

  constructor() {
    super(
      'lacks migrations of this release: run npm run db:migrate, or set DATABASE_OWNER_URL for the service to do it.',
    )
  }
}

type Sql = Awaited<ReturnType<typeof connectOnce>>['sql']

/** Refuses a login that row security would not hold, and a server that would lose what it acknowledged. */
export async function verifyDatabase(address: Address): Promise<void> {
  await using connection = await connectOnce({ address, applicationName: 'taskwire-verify' })
  const { sql } = connection
  const problems = [
    ...(await serverProblems(sql)),
    ...(await powers(sql, 'taskwire_app')).map(
      (power) => `DATABASE_URL is of ${address.user}, ${power}. Row security would not hold it: use taskwire_app.`,
    ),
  ]
  const bare = await sql<{ name: string }[]>`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('tw', 'auth') and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)`
  if (bare.length > 0)
    problems.push(
      `Row security is not forced on ${bare.map((table) => table.name).join(', ')}: run the migrations, and alter nothing by hand.`,
    )
  refuse(address, problems)
  const [may] = await sql<{ enter: boolean }[]>`
    select has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute') as enter
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'tw' and p.proname = 'authenticate'`
  if (may === undefined) throw new NotMigrated()
  if (!may.enter) refuse(address, [`DATABASE_URL is of ${address.user}, which may not serve: use taskwire_app.`])
  if (!(await isMigrated(async (text) => [...(await sql.unsafe(text))]))) throw new NotMigrated()
}

/** The same for the login of the sign-in. */
export async function verifySignIn(address: Address): Promise<void> {
  await using connection = await connectOnce({ address, applicationName: 'taskwire-verify' })
  const { sql } = connection
  const problems = (await powers(sql, 'taskwire_auth')).map(
    (power) => `DATABASE_AUTH_URL is of ${address.user}, ${power}: use taskwire_auth.`,
  )
  refuse(address, problems)
  const [may] = await sql<{ write: boolean }[]>`
    select has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'insert') as write
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'auth' and c.relname = 'users'`
  if (may === undefined) throw new NotMigrated()
  if (!may.write)
    refuse(address, [`DATABASE_AUTH_URL is of ${address.user}, which may not sign anybody in: use taskwire_auth.`])
}

async function serverProblems(sql: Sql): Promise<string[]> {
  const [server] = await sql<{ version: number; durable: string; isolation: string }[]>`
    select current_setting('server_version_num')::int / 10000 version, current_setting('synchronous_commit') durable,
      current_setting('default_transaction_isolation') isolation`
  return [
    ...(server === undefined || server.version < 15 ? ['The server is older than PostgreSQL 15: use 15 to 18.'] : []),
    ...(server?.durable === 'off'
      ? ['synchronous_commit is off, so that a crash would lose what was acknowledged: turn it on.']
      : []),
    ...(server !== undefined && server.isolation !== 'read committed'
      ? [
          `default_transaction_isolation is ${server.isolation}, in which calls at the same time fail: make it read committed.`,
        ]
      : []),
  ]
}

// Roles of PostgreSQL's own by which a login reads or runs whatever the server may.
const SERVER_ROLES = ['pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program']

/**
 * What a login is that sees more than its caller's rows, by itself or by a role that it is a member of:
 * directly or not, whether it inherits from it, may become it, or may only grant it.
 */
async function powers(sql: Sql, own: 'taskwire_app' | 'taskwire_auth'): Promise<string[]> {
  const rows = await sql<{ name: string; self: boolean; what: string }[]>`
    select * from (
      select r.rolname as name, r.rolname = current_user as self, case
          when r.rolsuper then 'a superuser' when r.rolbypassrls then 'a role that bypasses row security'
          when r.rolcreaterole then 'a role that may make roles'
          when r.rolreplication then 'a role that may copy the whole server'
          when r.rolname = any (string_to_array(${SERVER_ROLES.join()}, ',')) then 'a role that reaches beyond the database'
          when exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where c.relowner = r.oid and n.nspname in ('tw', 'auth'))
            or exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
              where p.proowner = r.oid and n.nspname in ('tw', 'auth'))
            or exists (select from pg_namespace n where n.nspowner = r.oid and n.nspname in ('tw', 'auth'))
          then 'an owner of Taskwire''s schemas, tables or functions'
          when r.rolname not in (current_user, ${own}) and exists (
            select from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
            where r.oid = any (p.polroles) and n.nspname in ('tw', 'auth'))
          then 'a role that has policies of its own' end as what
      from pg_roles r where pg_has_role(current_user, r.oid, 'member')
    ) found where what is not null order by self desc, name limit 3`
  return rows.map(({ name, self, what }) => (self ? what : `a member of ${name}, ${what}`))
}

function refuse({ host, port, database }: Address, problems: readonly string[]): void {
  if (problems.length > 0)
    throw new ConfigError(
      [`Taskwire cannot start on ${host}:${port}/${database}:`, ...problems.map((p) => `  - ${p}`)].join('\n'),
    )
}
