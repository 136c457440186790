import type { Sql } from 'postgres'

/** Columns that say whose a row is, or who made it: a space, an account, or a personal space and its account at once. */
const WHOSE = ['space_id', 'user_id', 'owner_id', 'actor_user_id']

interface Owned {
  table: string
  columns: string[]
}

/** Every table that holds anything of an account or of its space, with the columns that say so. */
async function tablesOf(admin: Sql): Promise<Owned[]> {
  return await admin<Owned[]>`
    select c.oid::regclass::text as table, json_agg(a.attname order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and c.relkind in ('r', 'p')
      and (a.attname = any (string_to_array(${WHOSE.join()}, ','))
        or a.attname = 'id' and c.oid in ('auth.users'::regclass, 'tw.spaces'::regclass))
    group by c.oid order by 1`
}

/**
 * A hash of all that the database holds of an account and its personal space, table by table; `admin` is a
 * superuser's connection. What it made in others' spaces counts too.
 */
export async function hashRows(admin: Sql, id: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const { table, columns } of await tablesOf(admin)) {
    const isOf = columns.map((column) => `t.${column} = '${id}'`).join(' or ')
    const [row] = await admin<{ hash: string }[]>`
      select count(*) || ' ' || encode(sha256(convert_to(coalesce(string_agg(t::text, E'\n' order by t::text), ''), 'UTF8')), 'hex') as hash
      from ${admin(table)} t where ${admin.unsafe(isOf)}`
    hashes[table] = row?.hash ?? ''
  }
  return hashes
}
