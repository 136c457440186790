import type { Sql } from 'postgres'

/** Columns with the space or the account that a row belongs to, or the account that created it. */
const OWNER_COLUMNS = ['space_id', 'user_id', 'owner_id', 'actor_user_id']

interface Owned {
  table: string
  columns: string[]
}

/** Every table with rows of an account or of its space, and its owner columns. */
async function tablesOf(admin: Sql): Promise<Owned[]> {
  return await admin<Owned[]>`
    select c.oid::regclass::text as table, json_agg(a.attname order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and c.relkind in ('r', 'p')
      and (a.attname = any (string_to_array(${OWNER_COLUMNS.join()}, ','))
        or a.attname = 'id' and c.oid in ('auth.users'::regclass, 'tw.spaces'::regclass))
    group by c.oid order by 1`
}

/**
 * Hashes all rows of an account and its personal space, by table; `admin` is a superuser's connection. Rows that the
 * account created in other spaces are included.
 */
export async function hashRows(admin: Sql, id: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const { table, columns } of await tablesOf(admin)) {
    const condition = columns.map((column) => `t.${column} = '${id}'`).join(' or ')
    const [row] = await admin<{ hash: string }[]>`
      select count(*) || ' ' || encode(sha256(convert_to(coalesce(string_agg(t::text, E'\n' order by t::text), ''), 'UTF8')), 'hex') as hash
      from ${admin(table)} t where ${admin.unsafe(condition)}`
    hashes[table] = row?.hash ?? ''
  }
  return hashes
}
