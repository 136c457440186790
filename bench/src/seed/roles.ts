import type { Sql } from 'postgres'

/** `bench_fenced` is under row security as the service's own login is; `bench_open` is not. */
export type Role = 'taskwire_app' | 'taskwire_auth' | 'bench_fenced' | 'bench_open'

/** Only this machine reaches the server, which has a superuser's password of its own. */
export const PASSWORD = 'only-for-the-benchmark'

/**
 * Logins of the floors and peers: one role for data and sessions, as a team would have it, with the
 * rights and the fences of the service's two. Those that know no row security get one without.
 */
export async function makeRoles(sql: Sql): Promise<void> {
  for (const [role, attributes] of [
    ['bench_fenced', 'nobypassrls'],
    ['bench_open', 'bypassrls'],
  ]) {
    await sql.unsafe(`do $$ begin
      if not exists (select from pg_roles where rolname = '${role}') then create role ${role}; end if;
    end $$`)
    await sql.unsafe(`alter role ${role} login ${attributes} password '${PASSWORD}'`)
    await sql.unsafe(`grant taskwire_app, taskwire_auth to ${role}`)
    // As the service's own login has it (packages/db/roles.sql).
    await sql.unsafe(`alter role ${role} set statement_timeout = '30s'`)
    await sql.unsafe(`alter role ${role} set max_parallel_workers_per_gather = 0`)
    await sql.unsafe(`alter role ${role} set timezone = 'UTC'`)
  }
}
