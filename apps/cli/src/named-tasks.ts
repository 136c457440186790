import type { Client, Task } from '@taskwire/client'
import { type NamedTask, nameTasks } from '@taskwire/importers'
import { readLists } from './pages.ts'

/** Adds the names of lists. Reads the lists only if a task is in one. */
export async function withNames(client: Client, tasks: readonly Task[]): Promise<NamedTask[]> {
  return nameTasks(tasks, tasks.some(({ listId }) => listId !== null) ? await readLists(client) : [])
}
