import { type Client, failureOf, type List, type TaskDraft as Draft } from '@taskwire/client'
import { keyOf, note, type Note, type TaskDraft } from '@taskwire/importers'
import type { Context } from '../context.ts'
import { createList, findList, isInbox } from '../lists.ts'
import { readLists } from '../pages.ts'
import { chunkAt, MOST_TASKS } from './chunks.ts'
import { type Known, type KnownIds, readKnownIds } from './known-ids.ts'

/** A task that is there already. */
export interface Existing {
  task: TaskDraft
  /** As it was imported; completed since then; in the trash; or the same as one that `file` held in this run. */
  state: (typeof STATES)[number]
  file?: string
}
export const STATES = ['same', 'completed', 'trash', 'repeated'] as const

export interface Uploaded {
  /** The ids of the tasks that were made. */
  imported: Set<string>
  existing: Existing[]
  /** Tasks that the service does not take, with the reason of each. */
  refused: Note[]
}

/** Puts the tasks of files into the account, in their order. Done again, it changes nothing. */
export interface Uploader {
  upload(
    file: string,
    tasks: readonly TaskDraft[],
    onProgress?: (done: number, total: number) => void,
  ): Promise<Uploaded>
}

/** Opens nothing: the account is read when the first file needs it. */
export function createUploader(ctx: Context): Uploader {
  // Less at once where the service is too slow for so many.
  let most = MOST_TASKS
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
      await makeLists(ctx, client, lists, wanted)
      for (let done = 0; done < wanted.length;) {
        const chunk = chunkAt(wanted, done, most)
        if (await create(client, known, lists, chunk, result)) {
          known.add(
            chunk.filter(({ id }) => result.imported.has(id)).map(({ id }) => id),
            file,
          )
          done += chunk.length
          onProgress(done, wanted.length)
        } else most = Math.ceil(chunk.length / 2)
      }
      return result
    },
  }
}

/** Only those that a new task needs: a list deleted since does not come back empty. */
async function makeLists(ctx: Context, client: Client, lists: List[], tasks: readonly TaskDraft[]): Promise<void> {
  const names = new Map<string, string>()
  for (const { list } of tasks)
    if (list !== null && !isInbox(list) && !names.has(keyOf(list))) names.set(keyOf(list), list)
  for (const name of names.values())
    if (findList(lists, name) === undefined) lists.push(await createList(ctx, client, name))
}

/**
 * All of a chunk at once; where the service refuses some of it, the rest. False: it takes too long
 * for one call, and nothing is known to be done; the ids keep it from being done twice.
 */
async function create(
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
      // The client sends a call again with its own id: that it was applied means that it was done.
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
      refusal(task, 'erased not long ago, and its id cannot be used again yet; add it by hand if it is wanted'),
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

/** What a zone or a rule that this program does not know of makes the service refuse. */
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
  return note('refused', { ...source, detail })
}

function toDraft(task: TaskDraft, lists: readonly List[]): Draft {
  const { id, title, description, complete, priority, tags, due, list } = task
  const listId = list === null ? null : (findList(lists, list)?.id ?? null)
  return { id, title, description, complete, priority, tags, due, listId }
}
