import type { Page, Task, TaskListInput } from '@taskwire/contract'
import type { Caller } from '../../../testing/caller.ts'

/** Reads every page of a query, and returns their items. */
export async function allPages<T>(read: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = []
  for (let cursor: string | null = null; ;) {
    const { items, nextCursor }: Page<T> = await read(cursor)
    all.push(...items)
    if (nextCursor === null) return all
    cursor = nextCursor
  }
}

/** Returns every task that `tasks.list` finds. */
export async function listAll({ client }: Caller, input: Omit<TaskListInput, 'limit' | 'cursor'>): Promise<Task[]> {
  return await allPages(async (cursor) => await client.tasks.list.query({ ...input, limit: 100, cursor }))
}
