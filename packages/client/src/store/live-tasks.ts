import type { Counts, TagCount } from '@taskwire/contract/replies'
import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import type { TaskFilter, TaskSort } from '@taskwire/contract/task-filter'
import { equal } from './equal.ts'
import { derive } from './derive.ts'
import type { Live } from './live.ts'
import { comparator } from './query/comparator.ts'
import { overdueMatcher } from './query/due-filter.ts'
import { findTasks } from './query/find-tasks.ts'
import { matcher } from './query/matcher.ts'
import { createTagIndex } from './query/tag-index.ts'
import type { View } from './view.ts'

/** When more tasks than this change at once, a list is computed anew. */
const MAX_STEPS = 500

/** Returns the tasks that match a filter, in order. */
export function liveTasks(view: View, filter: TaskFilter, sort: TaskSort): Live<readonly Task[]> {
  const compare = comparator(sort)
  /** The tasks of the list, by id. */
  let members = new Map<string, Task>()
  return derive<readonly Task[]>(
    view,
    (previous, changed) => {
      if (previous === undefined || changed === 'all' || changed.task.size > MAX_STEPS) {
        const found = findTasks(view.tasks(), { filter, sort }, view.clock())
        members = new Map(found.map((task) => [task.id, task]))
        return previous !== undefined && sameItems(previous, found) ? previous : found
      }
      const matches = matcher(filter, view.clock())
      let list: Task[] | undefined
      for (const id of changed.task) {
        const old = members.get(id)
        const task = view.task(id)
        const now = task !== undefined && matches(task) ? task : undefined
        if (old === now) continue
        list ??= [...previous]
        if (old !== undefined) list.splice(indexOf(list, old, compare), 1)
        if (now === undefined) members.delete(id)
        else {
          list.splice(indexOf(list, now, compare), 0, now)
          members.set(id, now)
        }
      }
      return list ?? previous
    },
    dependsOnTime(filter),
  )
}

/** Returns the index of an item, or where it has to be inserted. */
function indexOf<T>(sorted: readonly T[], item: T, compare: (a: T, b: T) => number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = sorted[middle]
    if (other !== undefined && compare(other, item) < 0) low = middle + 1
    else high = middle
  }
  return low
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index])

const dependsOnTime = ({ due }: TaskFilter): boolean => due === 'today' || due === 'overdue'

/** Returns the numbers of tasks that match a filter. */
export function liveCounts(view: View, filter: TaskFilter): Live<Counts> {
  /** What each task of the filter counts as. */
  let members = new Map<string, Kind>()
  return derive<Counts>(
    view,
    (previous, changed) => {
      const matches = matcher(filter, view.clock())
      const isOverdue = overdueMatcher(view.clock())
      const kindOf = (task: Task | undefined): Kind | undefined => {
        if (task === undefined || !matches(task)) return undefined
        return task.complete ? 'complete' : isOverdue(task) ? 'overdue' : 'open'
      }
      const isNew = previous === undefined || changed === 'all'
      if (isNew) members = new Map()
      const counts = isNew ? { total: 0, open: 0, complete: 0, overdue: 0 } : { ...previous }
      const count = (id: string, task: Task | undefined): void => {
        const [old, kind] = [members.get(id), kindOf(task)]
        if (old !== undefined) add(counts, old, -1)
        if (kind === undefined) members.delete(id)
        else {
          members.set(id, kind)
          add(counts, kind, 1)
        }
      }
      if (isNew) for (const task of view.tasks()) count(task.id, task)
      else for (const id of changed.task) count(id, view.task(id))
      return previous !== undefined && equal(previous, counts) ? previous : counts
    },
    // How many are overdue.
    true,
  )
}

type Kind = 'complete' | 'open' | 'overdue'

function add(counts: Counts, kind: Kind, by: 1 | -1): void {
  counts.total += by
  counts[kind] += by
  // An overdue task is open too.
  if (kind === 'overdue') counts.open += by
}

/** Returns the tags in use, in the order of `tags.list`. */
export function liveTags(view: View): Live<readonly TagCount[]> {
  let members = new Map<string, Task>()
  let index = createTagIndex()
  /** Takes the task as it is now into account. Returns false if all tasks have to be. */
  function replace(id: string): boolean {
    const [old, now] = [members.get(id), view.task(id)]
    if (now === undefined) members.delete(id)
    else members.set(id, now)
    return index.replace(old, now)
  }
  return derive<readonly TagCount[]>(view, (previous, changed) => {
    if (previous === undefined || changed === 'all' || ![...changed.task].every(replace)) {
      members = new Map()
      index = createTagIndex()
      for (const { id } of view.tasks()) replace(id)
    }
    const tags = index.counts()
    return previous !== undefined && equal(previous, tags) ? previous : tags
  })
}

/** Returns all lists, in order. */
export function liveLists(view: View): Live<readonly List[]> {
  return derive<readonly List[]>(view, (previous, changed) => {
    if (previous !== undefined && changed !== 'all' && changed.list.size === 0) return previous
    return [...view.lists()].sort((a, b) => (a.position < b.position ? -1 : 1))
  })
}

/** Returns a task, in the trash or not; undefined if there is none. */
export function liveTask(view: View, id: string): Live<Task | undefined> {
  return derive<Task | undefined>(view, () => view.task(id))
}
