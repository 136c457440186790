import { PRIORITIES } from '@taskwire/contract/fields'
import type { Task } from '@taskwire/contract/task'
import type { TaskSort } from '@taskwire/contract/task-filter'
import { compareCodePoints, compareTexts } from './compare-texts.ts'

type Compare = (a: Task, b: Task) => number

// The service compares titles by und-x-icu, the root order, which English has too. A browser does not know `und`: it
// would take the order of the user's own language.
const titles = new Intl.Collator('en')

/** Compares the values of two tasks, neither or both of which are null. Instants are in a form that sorts as text. */
const COMPARED: Record<TaskSort['by'], Compare> = {
  createdAt: (a, b) => compareTexts(a.createdAt, b.createdAt),
  updatedAt: (a, b) => compareTexts(a.updatedAt, b.updatedAt),
  completedAt: (a, b) => compareTexts(a.completedAt ?? '', b.completedAt ?? ''),
  deletedAt: (a, b) => compareTexts(a.deletedAt ?? '', b.deletedAt ?? ''),
  // Within a date, all-day dues come first.
  due: (a, b) => compareTexts(a.due?.date ?? '', b.due?.date ?? '') || compareTexts(a.dueAt ?? '', b.dueAt ?? ''),
  priority: (a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority),
  title: (a, b) => titles.compare(a.title, b.title) || compareCodePoints(a.title, b.title),
  position: (a, b) => compareTexts(a.position, b.position),
}

const NULLABLE: readonly TaskSort['by'][] = ['completedAt', 'deletedAt', 'due']

/**
 * Returns the order of a sort, as in `tasks.list`: ties by id in the direction of the sort, and tasks without a value
 * last in both directions.
 */
export function comparator({ by, direction }: TaskSort): Compare {
  const compared = COMPARED[by]
  const sign = direction === 'asc' ? 1 : -1
  const byValue: Compare = (a, b) => sign * (compared(a, b) || compareTexts(a.id, b.id))
  // These values are never null.
  if (!NULLABLE.includes(by)) return byValue
  const isNull = (task: Task): number => (task[by] === null ? 1 : 0)
  return (a, b) => isNull(a) - isNull(b) || byValue(a, b)
}
