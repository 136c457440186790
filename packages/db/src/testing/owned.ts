import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'

/**
 * Adds an account, with `rows` rows in each table of accounts and spaces, or with one where more are not allowed.
 * Returns the id of the account, which is also its personal space's.
 */
export async function addUserWithRows(admin: Sql, rows: number): Promise<string> {
  const id = randomUUID()
  await admin`insert into auth.users (id, name, email) values (${id}, 'Somebody', ${`${id}@example.com`})`
  await admin`insert into auth.sessions (user_id, token_hash, expires_at) select ${id}, sha256((${id} || i)::bytea), now() from generate_series(1, ${rows}::int) i`
  await admin`insert into auth.password_resets (user_id, token_hash, expires_at) values (${id}, sha256(${id}::bytea), now())`
  await admin`insert into auth.accounts (user_id, provider_id, account_id) select ${id}, 'p' || i, ${id} from generate_series(1, ${rows}::int) i`
  await admin`insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at)
    select ${id}, gen_random_uuid(), 'List ' || i, 'list ' || i, tw.position_text(i), i, now(), now() from generate_series(1, ${rows}::int) i`
  await admin`insert into tw.tasks (space_id, id, user_id, list_id, title, position, revision, created_at, updated_at)
    select ${id}, gen_random_uuid(), ${id}, l.id, 'Task', l.position, l.revision, now(), now() from tw.lists l where l.space_id = ${id}`
  await admin`insert into tw.changes (space_id, revision, commit, at, actor_kind, actor_user_id, action, entity, entity_id, after)
    select ${id}, i, i, now(), 'user', ${id}::uuid, 'create', 'task', gen_random_uuid(), '{}' from generate_series(1, ${rows}::int) i`
  await admin`insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, revision, at)
    select ${id}, gen_random_uuid(), ${id}, sha256('x'), i, now() from generate_series(1, ${rows}::int) i`
  await admin`insert into tw.api_keys (user_id, id, space_id, name, scopes, secret_hash, created_at)
    select ${id}, gen_random_uuid(), case when i % 2 = 0 then ${id}::uuid end, 'Key', '{tasks:read}', sha256((${id} || i)::bytea), now() from generate_series(1, ${rows}::int) i`
  return id
}

export interface Owned {
  table: string
  /** The column with the space or account of a row. */
  column: string
}
/** The tables with rows of spaces and accounts. */
export async function ownedTables(admin: Sql): Promise<Owned[]> {
  return await admin<Owned[]>`select c.oid::regclass::text as table, a.attname as column
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = case
      when c.oid in ('auth.users'::regclass, 'tw.spaces'::regclass) then 'id'
      -- A key belongs to its account, although it may name a space.
      when c.oid <> 'tw.api_keys'::regclass and exists (select from pg_attribute s where s.attrelid = c.oid and s.attname = 'space_id') then 'space_id'
      else 'user_id' end
    where c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and c.relkind = 'r' order by 1`
}
/** Counts the rows of an account or space in each table, as far as the login sees them. */
export async function countsOf(client: Sql, user: string, tables: readonly Owned[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { table, column } of tables) {
    const [row] = await client<
      { n: number }[]
    >`select count(${client(column)})::int n from ${client(table)} where ${client(column)} = ${user}`
    counts[table] = row?.n ?? -1
  }
  return counts
}
