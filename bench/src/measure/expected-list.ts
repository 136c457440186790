import { type Filter, PRIORITIES, type Shape, type Sort } from '../load/shapes.ts'
import type { Shown } from '../subjects/calls.ts'

/** A task of the table that is not in the trash; times in seconds since 1970. */
export interface Row extends Shown {
  tagKeys: string[]
  priority: number
  listId: string | null
  dueDate: string | null
  dueAt: number | null
  completedAt: number | null
  createdAt: number
  updatedAt: number
  position: string
}

/** Returns the rows that a list of `varied` has to return, in their order. */
export function select(rows: readonly Row[], { filter, sort, limit }: Shape): Row[] {
  return rows
    .filter((row) => matches(row, filter))
    .toSorted((a, b) => compareRows(a, b, sort))
    .slice(0, limit)
}

function matches(row: Row, { complete, priority, tags, listId, due }: Filter): boolean {
  if (complete !== undefined && row.complete !== complete) return false
  if (priority !== undefined && !priority.some((one) => PRIORITIES.indexOf(one) === row.priority)) return false
  if (tags !== undefined) {
    const has = (tag: string): boolean => row.tagKeys.includes(tag)
    if ('all' in tags ? !tags.all.every(has) : !tags.any.some(has)) return false
  }
  if (listId !== undefined && row.listId !== listId) return false
  if (due === undefined) return true
  if (due === 'none') return row.dueDate === null
  if (row.dueDate === null) return false
  return 'before' in due ? row.dueDate < due.before : row.dueDate > due.after
}

type Key = string | number | null

/** The collation `und-x-icu`. */
const collator = new Intl.Collator('und')
const compareValues = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

/** Rows without a value come last in both directions; equal rows are ordered by id. */
function compareRows(a: Row, b: Row, { by, direction }: Sort): number {
  const sign = direction === 'asc' ? 1 : -1
  const other = keysOf(b, by)
  for (const [n, key] of keysOf(a, by).entries()) {
    const second = other[n] ?? null
    if (key === null && second === null) continue
    if (key === null || second === null) return key === null ? 1 : -1
    const order = by === 'title' ? collator.compare(String(key), String(second)) : compareValues(key, second)
    if (order !== 0) return sign * order
  }
  return sign * compareValues(a.id, b.id)
}

function keysOf(row: Row, by: Sort['by']): Key[] {
  // Within a day, tasks without a time come first.
  return by === 'due' ? [row.dueDate, row.dueAt ?? Number.NEGATIVE_INFINITY] : [row[by]]
}
