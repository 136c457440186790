import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'

/** A task with the name of its list, null for the inbox. */
export interface NamedTask extends Task {
  listName: string | null
}

export function nameTasks(tasks: readonly Task[], lists: readonly List[]): NamedTask[] {
  const names = new Map(lists.map(({ id, name }) => [id, name]))
  return tasks.map((task) => ({ ...task, listName: task.listId === null ? null : (names.get(task.listId) ?? null) }))
}

/** Sorts by list (the inbox first), then by position within the list. */
export function sortByPlace<T extends Task>(tasks: readonly T[], lists: readonly List[]): T[] {
  const listIndexes = new Map<string | null, number>(lists.map(({ id }, index) => [id, index + 1]))
  listIndexes.set(null, 0)
  return tasks.toSorted(
    (a, b) =>
      (listIndexes.get(a.listId) ?? Infinity) - (listIndexes.get(b.listId) ?? Infinity) ||
      compare(a.position, b.position) ||
      compare(a.id, b.id),
  )
}

// Compares code units, which is right for ASCII texts such as positions and ids.
function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
