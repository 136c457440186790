import { type Client, failureOf, type List, type TaskDraft as Draft } from '@taskwire/client'
import { createNote, nameKey, type Note, type TaskDraft } from '@taskwire/importers'
import type { Context } from '../context.ts'
import { createList, findList, isInbox } from '../lists.ts'
import { readLists } from '../pages.ts'
import { chunkAt, MAX_TASKS } from './chunks.ts'
import { type Known, type KnownIds, readKnownIds } from './known-ids.ts'

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

/** Creates the tasks of files in the account, in their order. A repeated upload changes nothing. */
export interface Uploader {
  upload(
    file: string,
    tasks: readonly TaskDraft[],
    onProgress?: (done: number, total: number) => void,
  ): Promise<Uploaded>
}

/** Reads the account when the first file needs it. */
export function createUploader(ctx: Context): Uploader {
  // The size is halved when a call times out.
  let chunkSize = MAX_TASKS
  let opened: Promise<{ client: Client; known: KnownIds; lists: List[] }> | undefined
  const open = async (): Promise<{ client: Client; known: KnownIds; lists: List[] }> => {
    const client = await ctx.client()
    const [known, lists] = await Promise.all([readKnownIds(client), readLists(client)])
    return { client, known, lists }
  }
  return {
    async upload(file, tasks, onProgress = () => {}) {
      const result: Uploaded = { imported: new Set(), existing: [], refused: [] }
      if (tasks.length === 0) return result
      const { client, known, lists } = await (opened ??= open())
      const wanted = withoutTaken(tasks, known, result)
      await createMissingLists(ctx, client, lists, wanted)
      for (let done = 0; done < wanted.length;) {
        const chunk = chunkAt(wanted, done, chunkSize)
        if (await createTasks(client, known, lists, chunk, result)) {
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

/** Creates the lists that new tasks need, and no others: a deleted list must not come back empty. */
async function createMissingLists(
  ctx: Context,
  client: Client,
  lists: List[],
  tasks: readonly TaskDraft[],
): Promise<void> {
  const names = new Map<string, string>()
  for (const { list } of tasks)
    if (list !== null && !isInbox(list) && !names.has(nameKey(list))) names.set(nameKey(list), list)
  for (const name of names.values())
    if (findList(lists, name) === undefined) lists.push(await createList(ctx, client, name))
}

/**
 * Creates a chunk in one call, without the tasks that the service refuses. Returns false if the call timed out. Then
 * the tasks are sent again in smaller chunks, and their ids keep them from being created twice.
 */
async function createTasks(
  client: Client,
  known: KnownIds,
  lists: readonly List[],
  chunk: readonly TaskDraft[],
  result: Uploaded,
): Promise<boolean> {
  let left = chunk
  for (let isRefreshed = false; left.length > 0;) {
    try {
      await client.tasks.createMany.mutate({ tasks: left.map((task) => toDraft(task, lists)) })
      break
    } catch (error) {
      const failure = failureOf(error)
      // The client retried the call with its mutation id, and the first attempt was applied.
      if (failure.appCode === 'MUTATION_APPLIED') break
      if (failure.appCode === 'TIMEOUT' && left.length > 1 && left.length === chunk.length) return false
      if (failure.appCode === 'ALREADY_EXISTS' && !isRefreshed) {
        isRefreshed = true
        await known.refresh()
        left = withoutTaken(left, known, result)
        continue
      }
      const accepted = failure.appCode === 'VALIDATION' ? withoutInvalid(left, failure.fields, result) : left
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
function withoutInvalid(
  tasks: readonly TaskDraft[],
  fields: readonly { path: string; message: string }[],
  result: Uploaded,
): TaskDraft[] {
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
