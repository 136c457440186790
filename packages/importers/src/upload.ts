/** Creates imported tasks in an account. The calls of the service are passed in. */
import type { FieldError } from '@taskwire/contract/errors'
import { LIMITS } from '@taskwire/contract/limits'
import type { List } from '@taskwire/contract/list'
import type { TaskDraft as Draft } from '@taskwire/contract/task'
import { chunkAt } from './chunks.ts'
import { type Known, type KnownIds, readKnownIds, type UsedIds } from './known-ids.ts'
import { findList, missingLists } from './list-names.ts'
import { createNote, type Note } from './notes.ts'
import type { TaskDraft } from './types.ts'

/** A task of a file that the account has already. */
export interface Existing {
  task: TaskDraft
  /** Unchanged; completed since the import; in the trash; or imported from `file` earlier in this run. */
  state: (typeof STATES)[number]
  file?: string
}
export const STATES = ['same', 'completed', 'trash', 'repeated'] as const

export interface Uploaded {
  /** The ids of the tasks that were created. */
  imported: Set<string>
  existing: Existing[]
  /** Tasks that the service refused, each with the reason. */
  refused: Note[]
}

/** The account into which tasks are imported. */
export interface Destination extends UsedIds {
  readLists(): Promise<List[]>
  /** Creates a list, or returns the one that another program has just created under this name. */
  createList(name: string): Promise<List>
  /** Calls `tasks.createMany`. */
  createTasks(tasks: Draft[]): Promise<unknown>
  /** Returns why `createTasks` rejected. Throws any error that is not of a call. */
  failureOf(error: unknown): { appCode: string; fields?: readonly FieldError[] }
}

/** Creates the tasks of files in the account, in their order. A repeated upload changes nothing. */
export interface Uploader {
  /** Calls `onProgress` when tasks were created. Rejects with the error of the destination's call that failed. */
  upload(
    file: string,
    tasks: readonly TaskDraft[],
    onProgress?: (done: number, total: number) => void,
  ): Promise<Uploaded>
}

/** Reads the account when the first file needs it. */
export function createUploader(openDestination: () => Promise<Destination>): Uploader {
  // The size is halved when a call times out.
  let chunkSize: number = LIMITS.tasksPerCall
  let opened: Promise<Opened> | undefined
  const open = async (): Promise<Opened> => {
    const destination = await openDestination()
    const [known, lists] = await Promise.all([readKnownIds(destination), destination.readLists()])
    return { destination, known, lists }
  }
  return {
    async upload(file, tasks, onProgress = () => {}) {
      const result: Uploaded = { imported: new Set(), existing: [], refused: [] }
      if (tasks.length === 0) return result
      const account = await (opened ??= open())
      const { destination, known, lists } = account
      const wanted = withoutTaken(tasks, known, result)
      // Only the lists that new tasks need: a deleted list must not come back empty.
      for (const name of missingLists(wanted, lists)) lists.push(await destination.createList(name))
      for (let done = 0; done < wanted.length;) {
        const chunk = chunkAt(wanted, done, chunkSize)
        if (await createTasks(account, chunk, result)) {
          known.add(
            chunk.filter(({ id }) => result.imported.has(id)).map(({ id }) => id),
            file,
          )
          done += chunk.length
          onProgress(done, wanted.length)
        } else chunkSize = Math.ceil(chunk.length / 2)
      }
      return result
    },
  }
}

interface Opened {
  destination: Destination
  known: KnownIds
  lists: List[]
}

/**
 * Creates a chunk in one call, without the tasks that the service refuses. Returns false if the call timed out. Then
 * the tasks are sent again in smaller chunks, and their ids keep them from being created twice.
 */
async function createTasks(
  { destination, known, lists }: Opened,
  chunk: readonly TaskDraft[],
  result: Uploaded,
): Promise<boolean> {
  let left = chunk
  for (let isRefreshed = false; left.length > 0;) {
    try {
      await destination.createTasks(left.map((task) => toDraft(task, lists)))
      break
    } catch (error) {
      const { appCode, fields = [] } = destination.failureOf(error)
      // The client retried the call with its mutation id, and the first attempt was applied.
      if (appCode === 'MUTATION_APPLIED') break
      if (appCode === 'TIMEOUT' && left.length > 1 && left.length === chunk.length) return false
      if (appCode === 'ALREADY_EXISTS' && !isRefreshed) {
        isRefreshed = true
        await known.refresh()
        left = withoutTaken(left, known, result)
        continue
      }
      const accepted = appCode === 'VALIDATION' ? withoutInvalid(left, fields, result) : left
      if (accepted.length === left.length) throw error
      left = accepted
    }
  }
  for (const { id } of left) result.imported.add(id)
  return true
}

function withoutTaken(tasks: readonly TaskDraft[], known: KnownIds, result: Uploaded): TaskDraft[] {
  return tasks.filter((task) => {
    const found = known.get(task.id)
    if (found !== undefined) {
      result.existing.push(existing(task, found))
      return false
    }
    if (!known.isErased(task.id)) return true
    result.refused.push(
      refusal(task, 'erased recently, so the id cannot be used again yet; to have the task back, add it by hand'),
    )
    return false
  })
}

function existing(task: TaskDraft, found: Known): Existing {
  switch (found.state) {
    case 'imported':
      return { task, state: 'repeated', file: found.file }
    case 'trash':
      return { task, state: 'trash' }
    case 'complete':
      return { task, state: task.complete ? 'same' : 'completed' }
    case 'open':
      return { task, state: 'same' }
  }
}

/** Leaves out the tasks that VALIDATION named, such as one with a time zone that the service does not know. */
function withoutInvalid(tasks: readonly TaskDraft[], fields: readonly FieldError[], result: Uploaded): TaskDraft[] {
  const reasons = new Map<number, string>()
  for (const { path, message } of fields) {
    const match = /^tasks\.(\d+)(?:\.(.*))?$/u.exec(path)
    if (match) reasons.set(Number(match[1]), `${match[2] ?? 'it'} ${message}`)
  }
  return tasks.filter((task, index) => {
    const reason = reasons.get(index)
    if (reason !== undefined) result.refused.push(refusal(task, reason))
    return reason === undefined
  })
}

function refusal({ source }: TaskDraft, detail: string): Note {
  return createNote('refused', { ...source, detail })
}

function toDraft({ list, source: _source, ...fields }: TaskDraft, lists: readonly List[]): Draft {
  return { ...fields, listId: list === null ? null : (findList(lists, list)?.id ?? null) }
}
