import type { Caller } from './caller.ts'

/** The ids of a list's live tasks as `position` orders them, and that no two have the same. */
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
