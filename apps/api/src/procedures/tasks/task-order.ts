import { PRIORITIES, SORTS, type Task, type TaskFilter, type TaskSort } from '@taskwire/contract'
import { fill, readQueryFile, type Values } from '@taskwire/db'
import { type Shape, TIME_SHAPE, UUID_SHAPE } from '../cursor.ts'

/** What rows are ordered by, never null in its part. */
interface Column {
  /** Of its parameter in the text of the next page. */
  name: string
  /** Its value of a task, as a cursor holds it. */
  of(task: Task): string
  shape: Shape
}

/** Rows that follow each other in a walk. Together the columns tell two rows apart. */
interface Part {
  /** Of its text, in tasks.list.by-….sql. */
  name: string
  has(task: Task): boolean
  columns: readonly Column[]
}

const TEXTS = Object.fromEntries(SORTS.map((by) => [by, readQueryFile(`tasks.list.by-${by}`).parts]))

const ALL = (): boolean => true
const ID: Column = { name: 'id', of: (task) => task.id, shape: UUID_SHAPE }
const DUE_DATE: Column = {
  name: 'due_date',
  of: (task) => task.due?.date ?? '',
  shape: { test: (part) => TIME_SHAPE.test(`${part}T00:00:00.000Z`) },
}
const DUE_AT: Column = {
  name: 'due_at',
  of: (task) => task.dueAt ?? '-infinity',
  shape: { test: (part) => part === '-infinity' || TIME_SHAPE.test(part) },
}
const PRIORITY: Column = {
  name: 'priority',
  of: (task) => String(PRIORITIES.indexOf(task.priority)),
  shape: /^[0-4]$/,
}
const TITLE: Column = { name: 'title', of: (task) => task.title, shape: /^[^]{1,400}$/ }
const POSITION: Column = { name: 'position', of: (task) => task.position, shape: /^[0-9a-f]{8,}$/ }
const time = (name: string, of: Column['of']): Column => ({ name, of, shape: TIME_SHAPE })
const COMPLETED = time('completed_at', (task) => task.completedAt ?? '')
const DELETED = time('deleted_at', (task) => task.deletedAt ?? '')

/** A part that has all rows. */
const whole = (...columns: readonly Column[]): readonly Part[] => [{ name: 'all', has: ALL, columns }]

/**
 * Those that have a value, and after them those that have none, both ways: each goes along an index where there is
 * one. Where the filter lets only those that have one through, or only the others (`all`), there is one part.
 */
function nullLast(all: boolean | undefined, dated: Part, undated: Omit<Part, 'has'>): readonly Part[] {
  return [...(all === false ? [] : [dated]), ...(all === true ? [] : [{ ...undated, has: ALL }])]
}

/** The parts of a walk, in the order of the page. */
export function partsOf({ by }: TaskSort, { complete, due, listId, trash = 'without' }: TaskFilter): readonly Part[] {
  switch (by) {
    case 'createdAt':
      return whole(
        time('created_at', (task) => task.createdAt),
        ID,
      )
    case 'updatedAt':
      return whole(
        time('updated_at', (task) => task.updatedAt),
        ID,
      )
    case 'completedAt':
      return nullLast(
        complete,
        { name: 'complete', has: (task) => task.complete, columns: [COMPLETED, ID] },
        { name: 'open', columns: [ID] },
      )
    case 'deletedAt':
      return nullLast(
        trash === 'with' ? undefined : trash === 'only',
        { name: 'in the trash', has: (task) => task.deletedAt !== null, columns: [DELETED, ID] },
        { name: 'live', columns: [ID] },
      )
    case 'due':
      return nullLast(
        due === undefined ? undefined : due !== 'none',
        { name: 'due', has: (task) => task.due !== null, columns: [DUE_DATE, DUE_AT, ID] },
        { name: 'not due', columns: [DUE_AT, ID] },
      )
    case 'priority':
      return whole(PRIORITY, ID)
    case 'title':
      return whole(TITLE, ID)
    case 'position':
      return listId !== undefined && !Array.isArray(listId) && trash === 'without'
        ? [{ name: 'of one list', has: ALL, columns: [POSITION] }]
        : [{ name: 'of several', has: ALL, columns: [POSITION, ID] }]
  }
}

/** Whether an index of live tasks has the order, both ways. */
export function hasIndex({ by }: TaskSort, { trash = 'without' }: TaskFilter): boolean {
  return trash === 'without' && (by === 'createdAt' || by === 'due')
}

/** Where a page begins: after this key of this part. */
export interface Start {
  part: number
  key: readonly string[]
}

/** The text of the parts from a start on, at most so many rows of each, in order. */
export function walk(
  parts: readonly Part[],
  { by, direction }: TaskSort,
  { most, start }: { most: number; start: Start | undefined },
): (filter: string) => string {
  const texts = parts.slice(start?.part ?? 0).map(({ name }, at) => {
    const part = start !== undefined && at === 0 ? `${name}, next page` : name
    const text = TEXTS[by]?.[part]
    if (text === undefined) throw new Error(`tasks.list.by-${by}.sql has no part [${part}]`)
    return text
  })
  const slots = { direction, past: direction === 'asc' ? '>' : '<', most: String(most) }
  // The next is begun only when the one before has no more.
  return (filter) => texts.map((text) => fill(text, { ...slots, filter })).join('\nunion all\n')
}

/** The parameters of a start. */
export function startValues(parts: readonly Part[], { part, key }: Start): Values {
  const columns = parts[part]?.columns ?? []
  return Object.fromEntries(columns.map(({ name }, at) => [name, key[at] ?? null]))
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
