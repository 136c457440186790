import { type Address, COMMANDS, connectOnce, isMigrated } from '@taskwire/db'
import { ConfigError } from '../config.ts'

/**
 * The database lacks migrations of this release. The message continues a sentence that begins with the database's name.
 */
export class NotMigrated extends Error {
  override name = 'NotMigrated'

  constructor() {
    super(
      `lacks migrations of this release: run ${COMMANDS.migrate}, or set DATABASE_OWNER_URL, and the service runs them.`,
    )
  }
}

type Sql = Awaited<ReturnType<typeof connectOnce>>['sql']

/** Throws a ConfigError if row-level security does not restrict the login, or if a setting of the server is unsafe. */
export async function verifyDatabase(address: Address): Promise<void> {
  await using connection = await connectOnce({ address, applicationName: 'taskwire-verify' })
  const { sql } = connection
  const problems = [
    ...(await serverProblems(sql)),
    ...(await powers(sql, 'taskwire_app')).map(
      (power) =>
        `DATABASE_URL has the login ${address.user}, ${power}. Row-level security would not restrict it: use taskwire_app.`,
    ),
  ]
  const unprotected = await sql<{ name: string }[]>`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('tw', 'auth') and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)`
  if (unprotected.length > 0)
    problems.push(
      `Row-level security is not forced on ${unprotected.map((table) => table.name).join(', ')}: run the migrations, and do not alter tables by hand.`,
    )
  requireNone(address, problems)
  const [privileges] = await sql<{ authenticate: boolean }[]>`
    select has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute') as authenticate
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'tw' and p.proname = 'authenticate'`
  if (privileges === undefined) throw new NotMigrated()
  if (!privileges.authenticate)
    requireNone(address, [
      `DATABASE_URL has the login ${address.user}, which lacks the service's privileges: use taskwire_app.`,
    ])
  if (!(await isMigrated(async (text) => [...(await sql.unsafe(text))]))) throw new NotMigrated()
}

/** Throws a ConfigError if the login of the sign-in has too many or too few privileges. */
export async function verifySignIn(address: Address): Promise<void> {
  await using connection = await connectOnce({ address, applicationName: 'taskwire-verify' })
  const { sql } = connection
  const problems = (await powers(sql, 'taskwire_auth')).map(
    (power) => `DATABASE_AUTH_URL has the login ${address.user}, ${power}: use taskwire_auth.`,
  )
  requireNone(address, problems)
  const [privileges] = await sql<{ write: boolean }[]>`
    select has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'insert') as write
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'auth' and c.relname = 'users'`
  if (privileges === undefined) throw new NotMigrated()
  if (!privileges.write)
    requireNone(address, [
      `DATABASE_AUTH_URL has the login ${address.user}, which lacks the sign-in's privileges: use taskwire_auth.`,
    ])
}

async function serverProblems(sql: Sql): Promise<string[]> {
  const [server] = await sql<{ version: number; durable: string; isolation: string }[]>`
    select current_setting('server_version_num')::int / 10000 version, current_setting('synchronous_commit') durable,
      current_setting('default_transaction_isolation') isolation`
  return [
    ...(server === undefined || server.version < 15 ? ['The server is older than PostgreSQL 15: use 15 to 18.'] : []),
    ...(server?.durable === 'off'
      ? ['synchronous_commit is off, so a crash could lose acknowledged changes: turn it on.']
      : []),
    ...(server !== undefined && server.isolation !== 'read committed'
      ? [
          `default_transaction_isolation is ${server.isolation}, in which concurrent calls fail: set it to read committed.`,
        ]
      : []),
  ]
}

// Predefined roles that give access to the server's files and programs.
const SERVER_ROLES = ['pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program']

/**
 * Returns why a login could see more than its caller's rows: by its own attributes, or by a role of which it is a
 * member. Every membership counts: direct or not, with inheritance, with SET ROLE, or only with the right to grant the
 * role.
 */
async function powers(sql: Sql, own: 'taskwire_app' | 'taskwire_auth'): Promise<string[]> {
  const rows = await sql<{ name: string; self: boolean; what: string }[]>`
    select * from (
      select r.rolname as name, r.rolname = current_user as self, case
          when r.rolsuper then 'a superuser' when r.rolbypassrls then 'a role that bypasses row-level security'
          when r.rolcreaterole then 'a role that may create roles'
          when r.rolreplication then 'a role that may replicate the whole server'
          when r.rolname = any (string_to_array(${SERVER_ROLES.join()}, ',')) then 'a role with access beyond the database'
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

function requireNone({ host, port, database }: Address, problems: readonly string[]): void {
  if (problems.length > 0)
    throw new ConfigError(
      [`Taskwire cannot start on ${host}:${port}/${database}:`, ...problems.map((p) => `  - ${p}`)].join('\n'),
    )
}
