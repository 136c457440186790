import { isTimeZone, type RevisionedPage, type Task, type TaskListInput, type TaskSort } from '@taskwire/contract'
import { sql, type SQL, statement } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { fromCursor, type Shape, TIME_SHAPE, toCursor } from '../cursor.ts'
import { readAs } from '../effect.ts'
import { MadeJson } from '../made-json.ts'
import { clockOf, needsClock } from './due-filter.ts'
import { filterTasks, filterWithoutLookUp } from './filter.ts'
import { searchFor } from './search.ts'
import { hasIndex, partsOf, cursorKeyOf, cursorShapes, walk } from './task-order.ts'

/** How many tasks a search may look up before it is cheaper to go along an index that has the order. */
const MOST_LOOKED_UP = 2000

/** The time and the zone of the first page, where what is found depends on them. */
const CLOCK_SHAPES: readonly Shape[] = [TIME_SHAPE, { test: isTimeZone }]

type Input = TaskListInput & { sort: TaskSort; limit: number }

export async function listTasks(ctx: CallContext, input: Input): Promise<MadeJson<RevisionedPage<Task>>> {
  const { filter, sort, timeZone, limit, cursor } = input
  const question = { filter, sort, timeZone }
  const parts = partsOf(sort, filter ?? {})
  const clocked = needsClock(filter)
  const shapes = cursorShapes(parts).map((key) => [...(clocked ? CLOCK_SHAPES : []), ...key])
  const behind = fromCursor(question, cursor, ...shapes)
  const [now, zone] = clocked ? (behind?.key ?? []) : []
  const clock = clockOf(zone ?? timeZone, now)
  const [part, ...key] = behind?.key.slice(clocked ? CLOCK_SHAPES.length : 0) ?? []
  const rows = walk(parts, sort.direction, part === undefined ? undefined : { part: Number(part), key })
  // One row more than asked tells whether there are others. The limit within is a number of the text, one of few:
  // plans for it are made once, for all callers.
  const most = sql.raw(String(2 ** Math.ceil(Math.log2(limit + 1))))
  const rowsOf = (where: SQL): SQL => sql`(select task from (${rows(where, most)}) most limit ${limit + 1})`
  const searched = (search: string): SQL => {
    const { lookUp, matchesFound } = searchFor(search)
    // One of the two is empty: where many match, the first of them are soon met.
    return sql`(with found as materialized (select ${lookUp(MOST_LOOKED_UP)} as spots)
      ${rowsOf(sql`t.ctid = any ((select spots from found)::tid[]) and ${filterWithoutLookUp(filter, clock, matchesFound)}`)}
      union all ${rowsOf(sql`(select spots from found) is null and ${filterWithoutLookUp(filter, clock)}`)})`
  }
  const page =
    filter?.search !== undefined && hasIndex(sort, filter)
      ? searched(filter.search)
      : rowsOf(filterTasks(filter, clock))
  // The head is of the same snapshot as the rows. The last one, where there are others behind it, is for the cursor.
  const {
    spaceId,
    rows: [row],
  } = await readAs(
    ctx,
    statement(sql`select h.revision, coalesce(array_to_json(p.tasks[:${limit}]), '[]')::text as items, p.tasks[${limit}] as last,
        cardinality(p.tasks) > ${limit} as more, ${clocked ? sql`json_build_array(tw.iso(${clock.now}), ${clock.zone})` : sql`'[]'::json`} as clock
      from tw.spaces h, (select array_agg(page.task) as tasks from ${page} page) p where h.id = tw.space()`),
    behind,
  )
  const last = row?.['last'] as Task | null
  const nextCursor =
    row?.['more'] === true && last !== null
      ? toCursor(question, spaceId, [...(row['clock'] as string[]), ...cursorKeyOf(parts, last)])
      : null
  return new MadeJson(
    `{"items":${String(row?.['items'])},"nextCursor":${JSON.stringify(nextCursor)},"revision":${String(row?.['revision'])}}`,
  )
}
