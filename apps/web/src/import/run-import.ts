import { type Client, failureOf, LIMITS, type List, type Task } from '@taskwire/client'
import type { Store } from '@taskwire/client/store'
import {
  createUploader,
  type Destination,
  type Note,
  readLoggedIds,
  stateOf,
  type TaskDraft,
  type TaskState,
} from '@taskwire/importers'
import { readPages } from '../calls/pages.ts'

/** The tasks and lists that an import has created. */
export interface Created {
  tasks: readonly string[]
  lists: readonly string[]
}

export interface ImportResult extends Created {
  /** Tasks that the service refused, each with the reason. */
  refused: readonly Note[]
  /** Why the import has stopped before the end; undefined if it has not. */
  error: unknown
}

interface TaskFile {
  name: string
  tasks: readonly TaskDraft[]
}

/** Returns the states of all tasks that this device knows. */
export function statesOf(
  tasks: readonly { id: string; deletedAt: string | null; complete: boolean }[],
): Map<string, TaskState> {
  return new Map(tasks.map((task) => [task.id, stateOf(task)]))
}

/** Creates the tasks of files. What is there already is not created again, so an import can be repeated. */
export async function runImport(
  { client, store }: { client: Client; store: Store },
  files: readonly TaskFile[],
  onProgress: (done: number) => void,
): Promise<ImportResult> {
  const [tasks, lists, refused]: [string[], string[], Note[]] = [[], [], []]
  const uploader = createUploader(async () => await Promise.resolve(destinationOf(client, store, { tasks, lists })))
  let before = 0
  try {
    for (const { name, tasks: drafts } of files) {
      const uploaded = await uploader.upload(name, drafts, (done) => onProgress(before + done))
      refused.push(...uploaded.refused)
      before += drafts.length
      onProgress(before)
    }
  } catch (error) {
    return { tasks, lists, refused, error }
  }
  return { tasks, lists, refused, error: undefined }
}

/** Calls the service, and adds what it has created to `created`. */
function destinationOf(client: Client, store: Store, created: { tasks: string[]; lists: string[] }): Destination {
  let isFirst = true
  return {
    async readStates() {
      // This device may not know the tasks that others have just created: then the service refuses their ids.
      const known = isFirst ? store.tasks.query({ trash: 'with' }).get() : await readTasks(client)
      isFirst = false
      return statesOf(known)
    },
    readLogged: async () => await readLoggedIds(client),
    readLists: async () => await readLists(client),
    async createList(name) {
      try {
        const list = await client.lists.create.mutate({ name })
        created.lists.push(list.id)
        return list
      } catch (error) {
        const failure = failureOf(error)
        if (failure.appCode === 'ALREADY_EXISTS' && failure.current !== undefined && 'name' in failure.current)
          return failure.current
        throw error
      }
    },
    async createTasks(drafts) {
      const reply = await client.tasks.createMany.mutate({ tasks: drafts })
      created.tasks.push(...reply.tasks.map(({ id }) => id))
    },
    failureOf,
  }
}

/** Moves the tasks of an import to the trash, and deletes its lists. Tasks that were added to these go to the inbox. */
export async function undoImport(client: Client, { tasks, lists }: Created): Promise<void> {
  for (let start = 0; start < tasks.length; start += LIMITS.tasksPerCall)
    await client.tasks.bulk.mutate({ ids: tasks.slice(start, start + LIMITS.tasksPerCall), action: { type: 'delete' } })
  for (const id of lists) await client.lists.delete.mutate({ id, tasks: 'inbox' })
}

async function readLists(client: Client): Promise<List[]> {
  return await readPages(async (cursor) => await client.lists.list.query({ limit: LIMITS.page.max, cursor }))
}

async function readTasks(client: Client): Promise<Task[]> {
  const sort = { by: 'createdAt', direction: 'asc' } as const
  return await readPages(
    async (cursor) =>
      await client.tasks.list.query({ filter: { trash: 'with' }, sort, limit: LIMITS.page.max, cursor }),
  )
}
