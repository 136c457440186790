import type { ApiKey, Client, List, TagCount, Task, TaskFilter, TaskSort } from '@taskwire/client'

const PAGE = 100

interface Page<T> {
  items: T[]
  nextCursor: string | null
}

/** Follows the pages to their end, or until there are `most`. */
async function collect<T>(read: (cursor: string | undefined) => Promise<Page<T>>, most = Infinity): Promise<T[]> {
  const all: T[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    for (const item of page.items) if (all.length < most) all.push(item)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined && all.length < most)
  return all
}

export interface TasksQuestion {
  filter?: TaskFilter
  sort?: TaskSort
  timeZone?: string | undefined
  most?: number
}

/** Every task that matches; by default in the order of their making, in which none is missed or repeated. */
export async function readTasks(client: Client, question: TasksQuestion = {}): Promise<Task[]> {
  const { filter, sort = { by: 'createdAt', direction: 'asc' }, timeZone, most = Infinity } = question
  const limit = Math.min(PAGE, most)
  return await collect((cursor) => client.tasks.list.query({ filter, sort, timeZone, limit, cursor }), most)
}

/** Every list, by position. */
export async function readLists(client: Client): Promise<List[]> {
  return await collect((cursor) => client.lists.list.query({ limit: PAGE, cursor }))
}

export async function readTags(client: Client): Promise<TagCount[]> {
  return await collect((cursor) => client.tags.list.query({ limit: PAGE, cursor }))
}

export async function readKeys(client: Client): Promise<ApiKey[]> {
  return await collect((cursor) => client.keys.list.query({ limit: PAGE, cursor }))
}
