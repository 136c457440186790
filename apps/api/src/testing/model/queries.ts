import { PRIORITIES, type Task, type TaskFilter, type TaskSort } from '@taskwire/contract'
import { dateIn, inRange, isOverdue } from './time.ts'
import type { Clock } from './state.ts'
import { keyOf } from './text.ts'
import { finds } from './search.ts'

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export function matches(task: Task, filter: TaskFilter, { zone, now }: Clock): boolean {
  const { complete, priority, tags, listId, due, search, trash = 'without' } = filter
  if (trash !== 'with' && (trash === 'only') !== (task.deletedAt !== null)) return false
  if (complete !== undefined && task.complete !== complete) return false
  if (priority !== undefined && !priority.includes(task.priority)) return false
  const keys = new Set(task.tags.map(keyOf))
  if (tags?.all !== undefined && !tags.all.every((tag) => keys.has(keyOf(tag)))) return false
  if (tags?.any !== undefined && !tags.any.some((tag) => keys.has(keyOf(tag)))) return false
  if (listId !== undefined && !(Array.isArray(listId) ? listId : [listId]).includes(task.listId)) return false
  if (due === 'none' && task.due !== null) return false
  if (due === 'overdue' && !isOverdue(task, zone, now)) return false
  if (due === 'today' && !inRange(task, { on: dateIn(now, zone) }, zone)) return false
  if (typeof due === 'object' && !inRange(task, due, zone)) return false
  return search === undefined || finds(search, task)
}

const titles = new Intl.Collator('en')
const COMPARED: Record<TaskSort['by'], (a: Task, b: Task) => number> = {
  createdAt: (a, b) => compare(a.createdAt, b.createdAt),
  updatedAt: (a, b) => compare(a.updatedAt, b.updatedAt),
  completedAt: (a, b) => compare(a.completedAt ?? '', b.completedAt ?? ''),
  deletedAt: (a, b) => compare(a.deletedAt ?? '', b.deletedAt ?? ''),
  due: (a, b) => compare(a.due?.date ?? '', b.due?.date ?? '') || compare(a.dueAt ?? '', b.dueAt ?? ''),
  priority: (a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority),
  title: (a, b) => titles.compare(a.title, b.title) || Buffer.compare(Buffer.from(a.title), Buffer.from(b.title)),
  position: (a, b) => compare(a.position, b.position),
}

/** Orders ties by id in the same direction. Tasks without a value come last in both directions. */
export function inOrder(tasks: readonly Task[], { by, direction }: TaskSort): Task[] {
  const sign = direction === 'asc' ? 1 : -1
  const isNull = (task: Task): number => Number(task[by] === null)
  return tasks.toSorted((a, b) => isNull(a) - isNull(b) || sign * COMPARED[by](a, b) || sign * compare(a.id, b.id))
}
