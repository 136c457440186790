import type { Sql } from 'postgres'

/** `bench_fenced` is subject to row-level security, like the service's own login; `bench_open` bypasses it. */
export type Role = 'taskwire_app' | 'taskwire_auth' | 'bench_fenced' | 'bench_open'

/** The server accepts only local connections, and the superuser has another password. */
export const PASSWORD = 'only-for-the-benchmark'

/**
 * Creates the logins of floor, database and peers: one role for data and sessions, with the rights and
 * policies of the service's two, and one that bypasses row-level security for subjects that do not use it.
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
    // As for the service's own login (packages/db/roles.sql).
    await sql.unsafe(`alter role ${role} set statement_timeout = '30s'`)
    await sql.unsafe(`alter role ${role} set max_parallel_workers_per_gather = 0`)
    await sql.unsafe(`alter role ${role} set timezone = 'UTC'`)
    await sql.unsafe(`alter role ${role} set random_page_cost = 1.1`)
    await sql.unsafe(`alter role ${role} set jit = off`)
  }
}
