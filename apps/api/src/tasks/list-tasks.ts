import type { RevisionedPage, Task, TaskFilter, TaskListInput, TaskSort } from '@taskwire/contract'
import { PRIORITIES } from '@taskwire/contract'
import { sql, type SQL, statement } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { type Behind, fromCursor, type Shape, TIME_SHAPE, toCursor, UUID_SHAPE } from '../cursor.ts'
import { readAs } from '../effect.ts'
import { MadeJson } from '../made-json.ts'
import { filterTasks, filterWithoutLookUp } from './filter.ts'
import { searchFor } from './search.ts'

interface Key {
  /** Never null, so that a page begins by one comparison of rows. */
  expression: SQL
  type: SQL
  /** The key of a task, as text. */
  of(task: Task): string
  shape: Shape
}

const TIME_OR_END: Shape = { test: (part) => /^-?infinity$/.test(part) || TIME_SHAPE.test(part) }

function keyOf({ by, direction }: TaskSort): Key {
  const time = sql`timestamptz`
  // A task without a due date comes last both ways.
  const end = direction === 'asc' ? 'infinity' : '-infinity'
  switch (by) {
    case 'createdAt':
      return { expression: sql`t.created_at`, type: time, of: (task) => task.createdAt, shape: TIME_SHAPE }
    case 'updatedAt':
      return { expression: sql`t.updated_at`, type: time, of: (task) => task.updatedAt, shape: TIME_SHAPE }
    case 'due':
      return {
        expression: sql.raw(`(case when t.due_at is null then '${end}' else t.due_at end)`),
        type: time,
        of: (task) => task.dueAt ?? end,
        shape: TIME_OR_END,
      }
    case 'priority':
      return {
        expression: sql`t.priority`,
        type: sql`smallint`,
        of: (task) => String(PRIORITIES.indexOf(task.priority)),
        shape: /^[0-4]$/,
      }
    case 'title':
      return {
        expression: sql`t.title collate "und-x-icu"`,
        type: sql`text`,
        of: (task) => task.title,
        shape: /^[^]{1,400}$/,
      }
    case 'position':
      return { expression: sql`t.position`, type: sql`text`, of: (task) => task.position, shape: /^[0-9a-f]{8,}$/ }
  }
}

/** How many tasks a search may look up before it is cheaper to go along an index that has the order. */
const MOST_LOOKED_UP = 2000

// Of live tasks, the index that has the order of the page.
const hasIndex = ({ by }: TaskSort, { trash = 'without' }: TaskFilter): boolean =>
  trash === 'without' && (by === 'createdAt' || by === 'due')

// Within a list positions differ; with the id behind, the index of positions would not have the order.
const isUnique = ({ by }: TaskSort, { listId, trash = 'without' }: TaskFilter): boolean =>
  by === 'position' && listId !== undefined && !Array.isArray(listId) && trash === 'without'

type Input = TaskListInput & { sort: TaskSort; limit: number }

export async function listTasks(ctx: CallContext, input: Input): Promise<MadeJson<RevisionedPage<Task>>> {
  const { filter, sort, timeZone, limit, cursor } = input
  const question = { filter, sort, timeZone }
  const key = keyOf(sort)
  const direction = sql.raw(sort.direction)
  const beyond: SQL[] = []
  let behind: Behind | undefined
  if (cursor !== undefined) {
    const from = fromCursor(question, cursor, [key.shape, UUID_SHAPE])
    behind = from
    const [value, id] = from.key
    beyond.push(
      sql`(${key.expression}, t.id) ${sql.raw(sort.direction === 'asc' ? '>' : '<')} (${value}::${key.type}, ${id}::uuid)`,
    )
  }
  // One row more than asked tells whether there are others. The limit within is a number of the text, one of few, so
  // that the plan is one for a page: for a parameter PostgreSQL plans for a tenth of all that is found.
  const rowsOf = (where: SQL): SQL =>
    sql`(select task from (
        select tw.task_json(t) as task from tw.tasks t where ${sql.join([where, ...beyond], sql` and `)}
        order by ${key.expression} ${direction}${isUnique(sort, filter ?? {}) ? sql`` : sql`, t.id ${direction}`} limit ${sql.raw(String(2 ** Math.ceil(Math.log2(limit + 1))))}
      ) most limit ${limit + 1})`
  const searched = (search: string): SQL => {
    const where = filterWithoutLookUp(filter, timeZone)
    const whereFound = filterWithoutLookUp(filter, timeZone, sql`(select exact from found)`)
    // One of the two is empty: where many match, the first of them are soon met.
    return sql`(with found as materialized (select * from ${searchFor(search).lookUp(MOST_LOOKED_UP)})
      ${rowsOf(sql`t.ctid = any ((select spots from found)::tid[]) and ${whereFound}`)}
      union all ${rowsOf(sql`(select spots from found) is null and ${where}`)})`
  }
  const page =
    filter?.search !== undefined && hasIndex(sort, filter)
      ? searched(filter.search)
      : rowsOf(filterTasks(filter, timeZone))
  // The head is of the same snapshot as the rows. The last one, where there are others behind it, is for the cursor.
  const { userId, rows } = await readAs(
    ctx,
    statement(sql`select h.revision, coalesce(array_to_json(p.tasks[:${limit}]), '[]')::text as items, p.tasks[${limit}] as last,
        cardinality(p.tasks) > ${limit} as more
      from tw.user_heads h, (select array_agg(page.task) as tasks from ${page} page) p where h.user_id = tw.me()`),
    behind,
  )
  const [row] = rows
  const last = row?.['last'] as Task | null
  const nextCursor =
    row?.['more'] === true && last !== null ? toCursor(question, userId, [key.of(last), last.id]) : null
  return new MadeJson(
    `{"items":${String(row?.['items'])},"nextCursor":${JSON.stringify(nextCursor)},"revision":${String(row?.['revision'])}}`,
  )
}
