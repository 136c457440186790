import type { Caller } from './caller.ts'

/** Returns the ids of a list's tasks, without the trash, by position. Throws if two tasks have the same position. */
export async function orderOf({ client }: Caller, listId: string | null): Promise<string[]> {
  const ids: string[] = []
  const positions = new Set<string>()
  let cursor: string | undefined
  do {
    const sort = { by: 'position', direction: 'asc' } as const
    const page = await client.tasks.list.query({ filter: { listId }, sort, limit: 100, cursor })
    for (const { id, position } of page.items) {
      if (positions.has(position)) throw new Error(`Two tasks have the position ${position}`)
      ids.push(id)
      positions.add(position)
    }
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return ids
}
