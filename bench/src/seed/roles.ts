import type { Sql } from 'postgres'

/** `bench_fenced` is subject to row-level security, like the service's own login; `bench_open` bypasses it. */
export type Role = 'taskwire_app' | 'taskwire_auth' | 'bench_fenced' | 'bench_open'

/** The server accepts only local connections, and the superuser has another password. */
export const PASSWORD = 'only-for-the-benchmark'

/**
 * Creates two logins for floor, database and peers, each with the rights of both of the service's logins, for data and
 * for sessions. One is subject to row-level security; the other bypasses it, for subjects that do not use it.
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
    await sql.unsafe(`alter role ${role} set statement_timeout = '30s'`)
    // The service's own login has these settings too (packages/db/roles.sql), and also plan_cache_mode and
    // enable_seqscan.
    await sql.unsafe(`alter role ${role} set max_parallel_workers_per_gather = 0`)
    await sql.unsafe(`alter role ${role} set timezone = 'UTC'`)
    await sql.unsafe(`alter role ${role} set random_page_cost = 1.1`)
    await sql.unsafe(`alter role ${role} set jit = off`)
  }
}
