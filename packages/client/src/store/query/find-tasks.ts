import type { Counts } from '@taskwire/contract/replies'
import type { Task } from '@taskwire/contract/task'
import type { TaskFilter, TaskListInput } from '@taskwire/contract/task-filter'
import { comparator } from './comparator.ts'
import { overdueMatcher } from './due-filter.ts'
import { matcher } from './matcher.ts'
import type { Clock } from './zone.ts'

/** Returns the tasks that match a filter, in the order of a sort: those of all pages of `tasks.list`. */
export function findTasks(
  tasks: Iterable<Task>,
  { filter = {}, sort = { by: 'createdAt', direction: 'desc' } }: Pick<TaskListInput, 'filter' | 'sort'>,
  clock: Clock,
): Task[] {
  const matches = matcher(filter, clock)
  const found: Task[] = []
  for (const task of tasks) if (matches(task)) found.push(task)
  return found.sort(comparator(sort))
}

/** Counts the tasks that match a filter, as `tasks.count` does. */
export function countTasks(tasks: Iterable<Task>, filter: TaskFilter, clock: Clock): Counts {
  const matches = matcher(filter, clock)
  const isOverdue = overdueMatcher(clock)
  const counts = { total: 0, open: 0, complete: 0, overdue: 0 }
  for (const task of tasks) {
    if (!matches(task)) continue
    counts.total++
    counts[task.complete ? 'complete' : 'open']++
    if (isOverdue(task)) counts.overdue++
  }
  return counts
}
