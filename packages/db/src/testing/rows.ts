import type { Sql } from 'postgres'

/** Every table that holds users' rows, with the column that says whose. */
async function tablesOf(admin: Sql): Promise<{ table: string; owner: string }[]> {
  return await admin<{ table: string; owner: string }[]>`
    select c.oid::regclass::text as table, case when c.oid = 'auth.users'::regclass then 'id' else 'user_id' end as owner
    from pg_class c where c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and c.relkind in ('r', 'p')
      and (c.oid = 'auth.users'::regclass or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'user_id'))
    order by 1`
}

/** A hash of all that the database holds of a user, table by table; `admin` is a superuser's connection. */
export async function hashRows(admin: Sql, userId: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const { table, owner } of await tablesOf(admin)) {
    const [row] = await admin<{ hash: string }[]>`
      select count(*) || ' ' || encode(sha256(convert_to(coalesce(string_agg(t::text, E'\n' order by t::text), ''), 'UTF8')), 'hex') as hash
      from ${admin(table)} t where t.${admin(owner)} = ${userId}`
    hashes[table] = row?.hash ?? ''
  }
  return hashes
}
