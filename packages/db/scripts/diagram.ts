import type { Sql } from 'postgres'
import { SCHEMAS } from './named.ts'

interface TableColumns {
  name: string
  columns: { name: string; type: string }[]
}

const SHORT: Record<string, string> = { 'timestamp with time zone': 'timestamptz', 'time without time zone': 'time' }

/** Reads the columns of every table, with the type on which the domain of a column is based. */
export async function readColumns(sql: Sql): Promise<TableColumns[]> {
  return await sql<TableColumns[]>`
    select c.relname as name, to_json(array(
      select json_build_object('name', a.attname, 'type', format_type(case t.typtype when 'd' then t.typbasetype else t.oid end, null))
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum
    )) as columns
    from pg_class c where c.relkind = 'r' and c.relnamespace::regnamespace::text = any (string_to_array(${SCHEMAS.join()}, ','))`
}

/**
 * Returns the page with the columns of each table in its diagram as in the database. The order, keys and comments of
 * columns that the diagram has are kept; new columns come last. Tables are added and removed by hand.
 */
export function updateDiagram(page: string, tables: readonly TableColumns[]): string {
  return page.replace(/^ {2}(\w+) \{ ([^}]*) \}$/gm, (block, table: string, body: string) => {
    const columns = tables.find(({ name }) => name === table)?.columns
    if (columns === undefined) return block
    const types = new Map(columns.map(({ name, type }) => [name, (SHORT[type] ?? type).replace('[]', '_array')]))
    const drawn = body.split('\n').map((line) => {
      const [, column = '', ...notes] = line.trim().split(' ')
      return { column, notes }
    })
    const added = [...types.keys()].filter((name) => !drawn.some(({ column }) => column === name))
    const lines = [...drawn, ...added.map((column) => ({ column, notes: [] }))].flatMap(({ column, notes }) => {
      const type = types.get(column)
      return type === undefined ? [] : [[type, column, ...notes].join(' ')]
    })
    const start = `  ${table} { `
    return `${start}${lines.join(`\n${' '.repeat(start.length)}`)} }`
  })
}
