import { PRIORITIES, SORTS, type Task, type TaskFilter, type TaskSort } from '@taskwire/contract'
import { fill, readQueryFile, type Values } from '@taskwire/db'
import { type Shape, TIME_SHAPE, UUID_SHAPE } from '../cursor.ts'

/** A column that rows are ordered by. It is never null within its part. */
interface Column {
  /** The name of its parameter in the text of the next page. */
  name: string
  /** Returns the task's value, in the form that a cursor has. */
  keyOf(task: Task): string
  shape: Shape
}

/** A run of rows with the same ORDER BY. Its columns together are unique. */
interface Part {
  /** The name of its text, in tasks.list.by-….sql. */
  name: string
  has(task: Task): boolean
  columns: readonly Column[]
}

const TEXTS = Object.fromEntries(SORTS.map((by) => [by, readQueryFile(`tasks.list.by-${by}`).parts]))

const hasEvery = (): boolean => true
const ID: Column = { name: 'id', keyOf: (task) => task.id, shape: UUID_SHAPE }
const DUE_DATE: Column = {
  name: 'due_date',
  keyOf: (task) => task.due?.date ?? '',
  shape: { test: (part) => TIME_SHAPE.test(`${part}T00:00:00.000Z`) },
}
const DUE_AT: Column = {
  name: 'due_at',
  keyOf: (task) => task.dueAt ?? '-infinity',
  shape: { test: (part) => part === '-infinity' || TIME_SHAPE.test(part) },
}
const PRIORITY: Column = {
  name: 'priority',
  keyOf: (task) => String(PRIORITIES.indexOf(task.priority)),
  shape: /^[0-4]$/,
}
const TITLE: Column = { name: 'title', keyOf: (task) => task.title, shape: /^[^]{1,400}$/ }
const POSITION: Column = { name: 'position', keyOf: (task) => task.position, shape: /^[0-9a-f]{8,}$/ }
const time = (name: string, keyOf: Column['keyOf']): Column => ({ name, keyOf, shape: TIME_SHAPE })
const COMPLETED = time('completed_at', (task) => task.completedAt ?? '')
const DELETED = time('deleted_at', (task) => task.deletedAt ?? '')

/** A single part that has every row. */
const singlePart = (...columns: readonly Column[]): readonly Part[] => [{ name: 'all', has: hasEvery, columns }]

/**
 * Returns a part of the rows that have a value, and after it, in both directions, a part of those that have none. Each
 * can use an index of its own. `allHaveValue`: the filter matches only rows with a value (true), only rows without one
 * (false), or both (undefined).
 */
function nullsLast(allHaveValue: boolean | undefined, dated: Part, undated: Omit<Part, 'has'>): readonly Part[] {
  return [...(allHaveValue === false ? [] : [dated]), ...(allHaveValue === true ? [] : [{ ...undated, has: hasEvery }])]
}

/** Returns the parts of a list, in the order of its pages. */
export function partsOf({ by }: TaskSort, { complete, due, listId, trash = 'without' }: TaskFilter): readonly Part[] {
  switch (by) {
    case 'createdAt':
      return singlePart(
        time('created_at', (task) => task.createdAt),
        ID,
      )
    case 'updatedAt':
      return singlePart(
        time('updated_at', (task) => task.updatedAt),
        ID,
      )
    case 'completedAt':
      return nullsLast(
        complete,
        { name: 'complete', has: (task) => task.complete, columns: [COMPLETED, ID] },
        { name: 'open', columns: [ID] },
      )
    case 'deletedAt':
      return nullsLast(
        trash === 'with' ? undefined : trash === 'only',
        { name: 'in the trash', has: (task) => task.deletedAt !== null, columns: [DELETED, ID] },
        { name: 'live', columns: [ID] },
      )
    case 'due':
      return nullsLast(
        due === undefined ? undefined : due !== 'none',
        { name: 'with due date', has: (task) => task.due !== null, columns: [DUE_DATE, DUE_AT, ID] },
        { name: 'no due date', columns: [DUE_AT, ID] },
      )
    case 'priority':
      return singlePart(PRIORITY, ID)
    case 'title':
      return singlePart(TITLE, ID)
    case 'position':
      return listId !== undefined && !Array.isArray(listId) && trash === 'without'
        ? [{ name: 'of one list', has: hasEvery, columns: [POSITION] }]
        : [{ name: 'of several', has: hasEvery, columns: [POSITION, ID] }]
  }
}

/** Whether an index of the tasks outside the trash has the order, in both directions. */
export function hasIndex({ by }: TaskSort, { trash = 'without' }: TaskFilter): boolean {
  return trash === 'without' && (by === 'createdAt' || by === 'due')
}

/** Where a page starts: after this key of this part. */
export interface Start {
  part: number
  key: readonly string[]
}

/** Returns, for a filter, the text that selects its tasks in order from a start on, at most `most` rows of each part. */
export function orderedText(
  parts: readonly Part[],
  { by, direction }: TaskSort,
  { most, start }: { most: number; start: Start | undefined },
): (filter: string) => string {
  const texts = parts.slice(start?.part ?? 0).map(({ name }, index) => {
    const part = start !== undefined && index === 0 ? `${name}, next page` : name
    const text = TEXTS[by]?.[part]
    if (text === undefined) throw new Error(`tasks.list.by-${by}.sql has no part [${part}]`)
    return text
  })
  const values = { direction, past: direction === 'asc' ? '>' : '<', most: String(most) }
  // PostgreSQL runs a part only when the one before it has no more rows.
  return (filter) => texts.map((text) => fill(text, { ...values, filter })).join('\nunion all\n')
}

/** Returns the parameters of a start. */
export function startValues(parts: readonly Part[], { part, key }: Start): Values {
  const columns = parts[part]?.columns ?? []
  return Object.fromEntries(columns.map(({ name }, index) => [name, key[index] ?? null]))
}

/** Returns the key of a cursor that starts after a task. */
export function cursorKeyOf(parts: readonly Part[], task: Task): string[] {
  const part = parts.findIndex(({ has }) => has(task))
  return [String(part), ...(parts[part]?.columns ?? []).map(({ keyOf }) => keyOf(task))]
}

/** Returns the form of the key of a cursor, for each part. */
export function cursorShapes(parts: readonly Part[]): Shape[][] {
  return parts.map(({ columns }, part) => [
    { test: (number) => number === String(part) },
    ...columns.map(({ shape }) => shape),
  ])
}
