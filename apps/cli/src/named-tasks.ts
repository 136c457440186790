import type { Client, List, Task } from '@taskwire/client'
import { readLists } from './pages.ts'

/** A task with the name of its list; null is the inbox. */
export interface NamedTask extends Task {
  listName: string | null
}

export function nameTasks(tasks: readonly Task[], lists: readonly List[]): NamedTask[] {
  const names = new Map(lists.map(({ id, name }) => [id, name]))
  return tasks.map((task) => ({ ...task, listName: task.listId === null ? null : (names.get(task.listId) ?? null) }))
}

/** Reads the lists only where a task is in one. */
export async function withNames(client: Client, tasks: readonly Task[]): Promise<NamedTask[]> {
  return nameTasks(tasks, tasks.some(({ listId }) => listId !== null) ? await readLists(client) : [])
}

/** By list, the inbox first, and by position within each: the order in which they were placed. */
export function inPlace<T extends Task>(tasks: readonly T[], lists: readonly List[]): T[] {
  const place = new Map<string | null, number>(lists.map(({ id }, index) => [id, index + 1]))
  place.set(null, 0)
  return tasks.toSorted(
    (a, b) =>
      (place.get(a.listId) ?? Infinity) - (place.get(b.listId) ?? Infinity) ||
      compare(a.position, b.position) ||
      compare(a.id, b.id),
  )
}

// ASCII, by its bytes.
function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
