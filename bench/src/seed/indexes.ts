import type { Sql } from 'postgres'

interface IndexOrKey {
  table: string
  name: string
  drop: string
  create: string
}

/** Tables whose indexes are created after the rows, which is faster. */
const LARGE_TABLES = ['tw.tasks', 'tw.changes']

async function keysOf(sql: Sql): Promise<IndexOrKey[]> {
  return await sql<IndexOrKey[]>`
    select c.conrelid::regclass::text as "table", c.conname as name,
      format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname) as "drop",
      format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as create
    from pg_constraint c where c.conrelid = any (${LARGE_TABLES}::regclass[]) and c.contype in ('p', 'u', 'f')
    order by c.contype = 'f', c.conname`
}

async function indexesOf(sql: Sql): Promise<IndexOrKey[]> {
  return await sql<IndexOrKey[]>`
    select i.indrelid::regclass::text as "table", i.indexrelid::regclass::text as name,
      format('drop index %s', i.indexrelid::regclass) as "drop", pg_get_indexdef(i.indexrelid) as create
    from pg_index i where i.indrelid = any (${LARGE_TABLES}::regclass[])
      and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u'))
    order by 2`
}

const all = async (sql: Sql): Promise<IndexOrKey[]> => [...(await keysOf(sql)), ...(await indexesOf(sql))]

export interface Removed {
  items: readonly IndexOrKey[]
  /** Creates a removed item again. */
  restore(item: IndexOrKey): Promise<void>
  /** Throws unless all items exist as before. */
  verify(): Promise<void>
}

/**
 * Drops keys and indexes of the large tables, to be restored exactly as the migrations define them. Check constraints
 * stay.
 */
export async function removeIndexes(sql: Sql): Promise<Removed> {
  const items = await all(sql)
  for (const { drop } of items.toReversed()) await sql.unsafe(drop)
  return {
    items,
    async restore({ create }) {
      await sql.unsafe(create)
    },
    async verify() {
      const now = new Set((await all(sql)).map(({ create }) => create))
      const lost = items.filter(({ create }) => !now.has(create))
      if (lost.length > 0)
        throw new Error(
          `Seeding did not restore ${lost.map(({ name }) => name).join(', ')}, so that the schema differs from the migrations. Remove bench/.data and seed again.`,
        )
    },
  }
}
