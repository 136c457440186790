import {
  isTimeZone,
  LIMITS,
  type RevisionedPage,
  type Task,
  type TaskListInput,
  type TaskSort,
} from '@taskwire/contract'
import { composedQuery, fill, readQueryFile, readQueryParts } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { fromCursor, pageOf, type Shape, TIME_SHAPE } from '../cursor.ts'
import { readAs } from '../read.ts'
import { type Clock, clockOf, needsClock } from './due-filter.ts'
import { filterText, filterValues } from './filter.ts'
import { clauses } from './filter-clauses.ts'
import { hasIndex, partsOf, cursorKeyOf, cursorShapes, type Start, startValues, orderedText } from './task-order.ts'
import { tasksOf } from './task-row.ts'

/** With more matches than this, a search scans an index in the order of the page instead of looking up all matches. */
const MOST_LOOKED_UP = 2000

/**
 * The most rows of a part, as a number in the text: for a parameter, the planner would expect a tenth of all rows. The
 * number is the same in all texts, so that lists with different limits share a prepared statement, which also has the
 * parameter `limit`.
 */
const MOST_OF_A_PART = LIMITS.page.max + 1

/** A cursor begins with the time and the zone of the first page, if the filter depends on them. */
const CLOCK_SHAPES: readonly Shape[] = [TIME_SHAPE, { test: isTimeZone }]

const list = readQueryFile('tasks.list').text
const texts = readQueryParts('tasks.list', ['no clock', 'clock', 'page', 'page of a search'])

type Input = TaskListInput & { sort: TaskSort; limit: number }

export async function listTasks(ctx: CallContext, input: Input): Promise<RevisionedPage<Task>> {
  const { filter, sort, timeZone, cursor } = input
  const queryId = { filter, sort, timeZone }
  const parts = partsOf(sort, filter ?? {})
  const hasClock = needsClock(filter)
  const shapes = cursorShapes(parts).map((key) => [...(hasClock ? CLOCK_SHAPES : []), ...key])
  const pageStart = fromCursor(queryId, cursor, ...shapes)
  const [now, zone] = hasClock ? (pageStart?.key ?? []) : []
  const clock = clockOf(zone ?? timeZone, now)
  const [part, ...key] = pageStart?.key.slice(hasClock ? CLOCK_SHAPES.length : 0) ?? []
  const start = part === undefined ? undefined : { part: Number(part), key }
  const {
    spaceId,
    rows: [row],
  } = await readAs(ctx, pageQuery(input, parts, clock, start), pageStart)
  // A time and a zone, or empty.
  const clockKey = (row?.['clock'] ?? []) as readonly string[]
  const keyOf = (last: Task): string[] => [...clockKey, ...cursorKeyOf(parts, last)]
  const page = pageOf(tasksOf(row?.['tasks'], spaceId), { queryId, spaceId, limit: input.limit, keyOf })
  return { ...page, revision: Number(row?.['revision']) }
}

function pageQuery(
  { filter, sort, limit }: Input,
  parts: ReturnType<typeof partsOf>,
  clock: Clock,
  start: Start | undefined,
): ReturnType<typeof composedQuery> {
  const tasks = orderedText(parts, sort, { most: MOST_OF_A_PART, start })
  const page =
    filter?.search !== undefined && hasIndex(sort, filter)
      ? fill(texts['page of a search'], {
          'found tasks': tasks(filterText(filter, ['among the found', 'matches, looked up'])),
          tasks: tasks(filterText(filter, ['too many found', 'matches'])),
        })
      : fill(texts.page, { tasks: tasks(filterText(filter)) })
  const clockText = needsClock(filter) ? fill(texts.clock, { now: clauses.now, zone: clauses.zone }) : texts['no clock']
  return composedQuery(`tasks.list.by-${sort.by}`, fill(list, { page, clock: clockText }), {
    ...filterValues(filter, clock),
    ...(start === undefined ? {} : startValues(parts, start)),
    limit,
    most_looked_up: MOST_LOOKED_UP,
  })
}
