import { PRIORITIES, type Task, type TaskFilter, type TaskSort } from '@taskwire/contract'
import { sql, type SQL } from '@taskwire/db'
import { type Shape, TIME_SHAPE, UUID_SHAPE } from '../cursor.ts'

/** An expression that rows are ordered by, never null in its part. */
interface Column {
  expression: SQL
  type: SQL
  /** Its value of a task, as a cursor holds it. */
  of(task: Task): string
  shape: Shape
}

/** Rows that follow each other in a walk. Together the columns tell two rows apart. */
interface Part {
  /** Which rows; all of them unless given. */
  where?: SQL
  has(task: Task): boolean
  /** Null in all of its rows, but before the columns in the index that has the order. */
  constant?: SQL
  columns: readonly Column[]
}

const ALL = (): boolean => true
const ID: Column = { expression: sql`t.id`, type: sql`uuid`, of: (task) => task.id, shape: UUID_SHAPE }
const DATE: Column = {
  expression: sql`t.due_date`,
  type: sql`date`,
  of: (task) => task.due?.date ?? '',
  shape: { test: (part) => TIME_SHAPE.test(`${part}T00:00:00.000Z`) },
}
// A case and not coalesce(), which PostgreSQL takes for leaky: behind a policy it would be no index condition.
const INSTANT: Column = {
  ...time(sql`(case when t.due_at is null then '-infinity' else t.due_at end)`, (task) => task.dueAt ?? '-infinity'),
  shape: { test: (part) => part === '-infinity' || TIME_SHAPE.test(part) },
}

function time(expression: SQL, of: Column['of']): Column {
  return { expression, type: sql`timestamptz`, of, shape: TIME_SHAPE }
}

const COMPLETED = time(sql`t.completed_at`, (task) => task.completedAt ?? '')
const DELETED = time(sql`t.deleted_at`, (task) => task.deletedAt ?? '')
// Without an index that has the order, those without a value go by their ids alone.
const BY_ID = { columns: [ID] }

/**
 * Those that have a value, and after them those that have none, both ways: each goes along an index where there is
 * one. Where the filter lets only those that have one through, or only the others (`all`), there is one part.
 */
function nullLast(
  column: SQL,
  all: boolean | undefined,
  dated: Omit<Part, 'where'>,
  undated: Omit<Part, 'has'>,
): Part[] {
  return [
    ...(all === false ? [] : [{ ...dated, where: sql`${column} is not null` }]),
    ...(all === true ? [] : [{ ...undated, where: sql`${column} is null`, has: ALL }]),
  ]
}

/** The parts of a walk, in the order of the page. */
export function partsOf({ by }: TaskSort, { complete, due, listId, trash = 'without' }: TaskFilter): readonly Part[] {
  switch (by) {
    case 'createdAt':
      return [{ has: ALL, columns: [time(sql`t.created_at`, (task) => task.createdAt), ID] }]
    case 'updatedAt':
      return [{ has: ALL, columns: [time(sql`t.updated_at`, (task) => task.updatedAt), ID] }]
    case 'completedAt':
      return nullLast(COMPLETED.expression, complete, { has: (task) => task.complete, columns: [COMPLETED, ID] }, BY_ID)
    case 'deletedAt':
      return nullLast(
        DELETED.expression,
        trash === 'with' ? undefined : trash === 'only',
        { has: (task) => task.deletedAt !== null, columns: [DELETED, ID] },
        BY_ID,
      )
    case 'due':
      return nullLast(
        DATE.expression,
        due === undefined ? undefined : due !== 'none',
        { has: (task) => task.due !== null, columns: [DATE, INSTANT, ID] },
        { constant: DATE.expression, columns: [INSTANT, ID] },
      )
    case 'priority': {
      const rank = (task: Task): string => String(PRIORITIES.indexOf(task.priority))
      return [
        { has: ALL, columns: [{ expression: sql`t.priority`, type: sql`smallint`, of: rank, shape: /^[0-4]$/ }, ID] },
      ]
    }
    case 'title': {
      const expression = sql`t.title collate "und-x-icu"`
      return [
        { has: ALL, columns: [{ expression, type: sql`text`, of: (task) => task.title, shape: /^[^]{1,400}$/ }, ID] },
      ]
    }
    case 'position': {
      const column = {
        expression: sql`t.position`,
        type: sql`text`,
        of: (task: Task) => task.position,
        shape: /^[0-9a-f]{8,}$/,
      }
      // Within a list positions differ; with the id behind, the index of positions would not have the order.
      const unique = listId !== undefined && !Array.isArray(listId) && trash === 'without'
      return [{ has: ALL, columns: unique ? [column] : [column, ID] }]
    }
  }
}

/** Whether an index of live tasks has the order, both ways. */
export function hasIndex({ by }: TaskSort, { trash = 'without' }: TaskFilter): boolean {
  return trash === 'without' && (by === 'createdAt' || by === 'due')
}

/** The rows of the parts from a start on, at most so many of each: `(select task …)`, in order. */
export function walk(
  parts: readonly Part[],
  direction: TaskSort['direction'],
  from?: Start,
): (where: SQL, most: SQL) => SQL {
  const way = sql.raw(direction)
  const beyond = sql.raw(direction === 'asc' ? '>' : '<')
  const row = (items: SQL[]): SQL => sql`(${sql.join(items, sql`, `)})`
  return (where, most) =>
    sql.join(
      parts.slice(from?.part ?? 0).map(({ where: which, constant, columns }, at) => {
        const conditions = [where, ...(which === undefined ? [] : [which])]
        if (from !== undefined && at === 0)
          conditions.push(
            sql`${row(columns.map(({ expression }) => expression))} ${beyond}
              ${row(columns.map(({ type }, nr) => sql`${from.key[nr] ?? null}::${type}`))}`,
          )
        const order = [...(constant === undefined ? [] : [constant]), ...columns.map(({ expression }) => expression)]
        return sql`(select tw.task_json(t) as task from tw.tasks t where ${sql.join(conditions, sql` and `)}
          order by ${sql.join(
            order.map((one) => sql`${one} ${way}`),
            sql`, `,
          )} limit ${most})`
      }),
      // The next is begun only when the one before has no more.
      sql` union all `,
    )
}

/** Where a page begins: after this key of this part. */
export interface Start {
  part: number
  key: readonly string[]
}

/** What a cursor after a task holds. */
export function cursorKeyOf(parts: readonly Part[], task: Task): string[] {
  const part = parts.findIndex(({ has }) => has(task))
  return [String(part), ...(parts[part]?.columns ?? []).map(({ of }) => of(task))]
}

/** What such a cursor is like, for each part. */
export function cursorShapes(parts: readonly Part[]): Shape[][] {
  return parts.map(({ columns }, part) => [
    { test: (given) => given === String(part) },
    ...columns.map(({ shape }) => shape),
  ])
}
