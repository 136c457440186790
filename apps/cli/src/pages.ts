import type { ApiKey, Client, List, TagCount, Task, TaskFilter, TaskSort } from '@taskwire/client'

const PAGE = 100

interface Page<T> {
  items: T[]
  nextCursor: string | null
}

/** Reads all pages, or stops once there are `limit` items. */
async function collect<T>(read: (cursor: string | undefined) => Promise<Page<T>>, limit = Infinity): Promise<T[]> {
  const all: T[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    for (const item of page.items) if (all.length < limit) all.push(item)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined && all.length < limit)
  return all
}

export interface TaskQuery {
  filter?: TaskFilter
  sort?: TaskSort
  timeZone?: string | undefined
  limit?: number
}

/** Reads all tasks that match. In the default order, by creation, the pages neither miss nor repeat a task. */
export async function readTasks(client: Client, query: TaskQuery = {}): Promise<Task[]> {
  const { filter, sort = { by: 'createdAt', direction: 'asc' }, timeZone, limit: total = Infinity } = query
  const limit = Math.min(PAGE, total)
  return await collect((cursor) => client.tasks.list.query({ filter, sort, timeZone, limit, cursor }), total)
}

/** Reads all lists, in the order of their positions. */
export async function readLists(client: Client): Promise<List[]> {
  return await collect((cursor) => client.lists.list.query({ limit: PAGE, cursor }))
}

export async function readTags(client: Client): Promise<TagCount[]> {
  return await collect((cursor) => client.tags.list.query({ limit: PAGE, cursor }))
}

export async function readKeys(client: Client): Promise<ApiKey[]> {
  return await collect((cursor) => client.keys.list.query({ limit: PAGE, cursor }))
}
