import type { Sql } from 'postgres'

/** The size of a table on disk, in bytes. */
export interface TableSize {
  table: string
  rows: number
  tableBytes: number
  indexBytes: number
}

export async function measureSizes(sql: Sql): Promise<TableSize[]> {
  return await sql<TableSize[]>`
    select relname as table, reltuples::float8 as rows,
      pg_table_size(oid)::float8 as "tableBytes", pg_indexes_size(oid)::float8 as "indexBytes"
    from pg_class where relnamespace = 'tw'::regnamespace and relkind = 'r' and reltuples > 0
    order by pg_total_relation_size(oid) desc`
}
