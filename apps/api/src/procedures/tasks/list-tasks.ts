import { isTimeZone, type RevisionedPage, type Task, type TaskListInput, type TaskSort } from '@taskwire/contract'
import { composedQuery, fill, readQueryFile, readQueryParts } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { fromCursor, type Shape, TIME_SHAPE, toCursor } from '../cursor.ts'
import { RawJson } from '../raw-json.ts'
import { readAs } from '../read.ts'
import { type Clock, clockOf, needsClock } from './due-filter.ts'
import { filterText, filterValues } from './filter.ts'
import { clauses } from './filter-clauses.ts'
import { hasIndex, partsOf, cursorKeyOf, cursorShapes, type Start, startValues, walk } from './task-order.ts'

/** How many tasks a search may look up before it is cheaper to go along an index that has the order. */
const MOST_LOOKED_UP = 2000

/** The time and the zone of the first page, where what is found depends on them. */
const CLOCK_SHAPES: readonly Shape[] = [TIME_SHAPE, { test: isTimeZone }]

const list = readQueryFile('tasks.list').text
const texts = readQueryParts('tasks.list', ['no clock', 'clock', 'page', 'page of a search'])

type Input = TaskListInput & { sort: TaskSort; limit: number }

export async function listTasks(ctx: CallContext, input: Input): Promise<RawJson<RevisionedPage<Task>>> {
  const { filter, sort, timeZone, cursor } = input
  const question = { filter, sort, timeZone }
  const parts = partsOf(sort, filter ?? {})
  const clocked = needsClock(filter)
  const shapes = cursorShapes(parts).map((key) => [...(clocked ? CLOCK_SHAPES : []), ...key])
  const behind = fromCursor(question, cursor, ...shapes)
  const [now, zone] = clocked ? (behind?.key ?? []) : []
  const clock = clockOf(zone ?? timeZone, now)
  const [part, ...key] = behind?.key.slice(clocked ? CLOCK_SHAPES.length : 0) ?? []
  const start = part === undefined ? undefined : { part: Number(part), key }
  // The last one of the page, where there are others after it, is for the cursor.
  const {
    spaceId,
    rows: [row],
  } = await readAs(ctx, pageOf(input, parts, clock, start), behind)
  const last = row?.['last'] as Task | null
  const nextCursor =
    row?.['more'] === true && last !== null
      ? toCursor(question, spaceId, [...(row['clock'] as string[]), ...cursorKeyOf(parts, last)])
      : null
  return new RawJson(
    `{"items":${String(row?.['items'])},"nextCursor":${JSON.stringify(nextCursor)},"revision":${String(row?.['revision'])}}`,
  )
}

function pageOf(
  { filter, sort, limit }: Input,
  parts: ReturnType<typeof partsOf>,
  clock: Clock,
  start: Start | undefined,
): ReturnType<typeof composedQuery> {
  const most = 2 ** Math.ceil(Math.log2(limit + 1))
  const tasks = walk(parts, sort, { most, start })
  const page =
    filter?.search !== undefined && hasIndex(sort, filter)
      ? fill(texts['page of a search'], {
          'found tasks': tasks(filterText(filter, ['among the found', 'matches, looked up'])),
          tasks: tasks(filterText(filter, ['too many found', 'matches'])),
        })
      : fill(texts.page, { tasks: tasks(filterText(filter)) })
  const told = needsClock(filter) ? fill(texts.clock, { now: clauses.now, zone: clauses.zone }) : texts['no clock']
  return composedQuery(`tasks.list.by-${sort.by}`, fill(list, { page, clock: told }), {
    ...filterValues(filter, clock),
    ...(start === undefined ? {} : startValues(parts, start)),
    limit,
    most_looked_up: MOST_LOOKED_UP,
  })
}
