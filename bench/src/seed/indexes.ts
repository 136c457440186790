import type { Sql } from 'postgres'

interface Piece {
  table: string
  name: string
  drop: string
  make: string
}

/** Tables that are filled faster without them. */
const BULKY = ['tw.tasks', 'tw.changes']

async function keysOf(sql: Sql): Promise<Piece[]> {
  return await sql<Piece[]>`
    select c.conrelid::regclass::text as "table", c.conname as name,
      format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname) as "drop",
      format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as make
    from pg_constraint c where c.conrelid = any (${BULKY}::regclass[]) and c.contype in ('p', 'u', 'f')
    order by c.contype = 'f', c.conname`
}

async function indexesOf(sql: Sql): Promise<Piece[]> {
  return await sql<Piece[]>`
    select i.indrelid::regclass::text as "table", i.indexrelid::regclass::text as name,
      format('drop index %s', i.indexrelid::regclass) as "drop", pg_get_indexdef(i.indexrelid) as make
    from pg_index i where i.indrelid = any (${BULKY}::regclass[])
      and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u'))
    order by 2`
}

const all = async (sql: Sql): Promise<Piece[]> => [...(await keysOf(sql)), ...(await indexesOf(sql))]

export interface Removed {
  pieces: readonly Piece[]
  /** Makes one again. */
  restore(piece: Piece): Promise<void>
  /** Throws unless all is as it was. */
  verify(): Promise<void>
}

/** Takes keys and indexes of the big tables away; checks stay. They are made anew exactly as the migrations had them. */
export async function removeIndexes(sql: Sql): Promise<Removed> {
  const pieces = await all(sql)
  for (const { drop } of pieces.toReversed()) await sql.unsafe(drop)
  return {
    pieces,
    async restore({ make }) {
      await sql.unsafe(make)
    },
    async verify() {
      const now = new Set((await all(sql)).map(({ make }) => make))
      const lost = pieces.filter(({ make }) => !now.has(make))
      if (lost.length > 0)
        throw new Error(
          `Seeding lost ${lost.map(({ name }) => name).join(', ')}: the data is not what the migrations make. Seed again.`,
        )
    },
  }
}
