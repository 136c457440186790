import { type Client, failureOf, LIMITS, type List, type Task } from '@taskwire/client'
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

/** The tasks of a file that are imported. */
export interface TaskFile {
  name: string
  tasks: readonly TaskDraft[]
}

/** Returns the states of tasks by their ids. */
export function statesOf(
  tasks: readonly { id: string; deletedAt: string | null; complete: boolean }[],
): Map<string, TaskState> {
  return new Map(tasks.map((task) => [task.id, stateOf(task)]))
}

/** The account into which tasks are imported. */
interface Account {
  client: Client
  /** Returns the states of the tasks that this device knows. */
  knownStates(): ReadonlyMap<string, TaskState>
}

/** Creates the tasks of files. What is there already is not created again, so an import can be repeated. */
export async function runImport(
  account: Account,
  files: readonly TaskFile[],
  onProgress: (done: number) => void,
): Promise<ImportResult> {
  const [tasks, lists, refused]: [string[], string[], Note[]] = [[], [], []]
  const filled = new Set<string>()
  const uploader = createUploader(async () => await Promise.resolve(destinationOf(account, { tasks, lists, filled })))
  let before = 0
  let error: unknown
  try {
    for (const { name, tasks: drafts } of files) {
      const uploaded = await uploader.upload(name, drafts, (done) => onProgress(before + done))
      refused.push(...uploaded.refused)
      before += drafts.length
      onProgress(before)
    }
  } catch (cause) {
    error = cause
  }
  // The service may have refused all tasks of a list.
  const left = await Promise.all(lists.map(async (id) => filled.has(id) || !(await deleteEmpty(account.client, id))))
  return { tasks, lists: lists.filter((_, index) => left[index]), refused, error }
}

/** Deletes a list, unless it has tasks, which others may have created. Returns whether it is deleted. */
async function deleteEmpty(client: Client, listId: string): Promise<boolean> {
  try {
    const { items } = await client.tasks.list.query({ filter: { listId, trash: 'with' }, limit: 1 })
    if (items.length === 0) await client.lists.delete.mutate({ id: listId, tasks: 'inbox' })
    return items.length === 0
  } catch {
    // It stays, and is deleted with the import.
    return false
  }
}

interface Creating {
  tasks: string[]
  lists: string[]
  /** The lists that have got a task. */
  filled: Set<string>
}

/** Calls the service, and adds what it has created to `created`. */
function destinationOf({ client, knownStates }: Account, created: Creating): Destination {
  let isFirst = true
  return {
    async readStates() {
      // This device may not know the tasks that others have just created: then the service refuses their ids.
      const states = isFirst ? knownStates() : statesOf(await readTasks(client))
      isFirst = false
      return states
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
      try {
        await client.tasks.createMany.mutate({ tasks: drafts })
      } catch (error) {
        // The client has retried the call, and the first attempt had created the tasks.
        if (failureOf(error).appCode !== 'MUTATION_APPLIED') throw error
      }
      for (const { id = '', listId } of drafts) {
        created.tasks.push(id)
        created.filled.add(listId ?? '')
      }
    },
    failureOf,
  }
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
