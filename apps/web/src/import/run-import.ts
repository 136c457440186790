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
  const uploader = createUploader(async () => await Promise.resolve(destinationOf(account, { tasks, lists })))
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
function destinationOf({ client, knownStates }: Account, created: { tasks: string[]; lists: string[] }): Destination {
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
      created.tasks.push(...drafts.map(({ id = '' }) => id))
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
