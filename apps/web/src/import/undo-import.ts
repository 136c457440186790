import { type Client, failureOf, LIMITS } from '@taskwire/client'
import type { Created } from './run-import.ts'

/**
 * Moves the tasks of an import to the trash, and deletes its lists; tasks that were added to these go to the inbox. What
 * is gone already is left out, so it can be repeated.
 */
export async function undoImport(client: Client, { tasks, lists }: Created): Promise<void> {
  await toAll(client, tasks, 'delete')
  for (const id of lists)
    await client.lists.delete.mutate({ id, tasks: 'inbox' }).catch((error: unknown) => {
      if (failureOf(error).appCode !== 'NOT_FOUND') throw error
    })
}

type ToTrash = 'delete' | 'restore'

/** Moves tasks to the trash, or restores them. Those that are gone are left out. */
export async function toAll(client: Client, tasks: readonly string[], type: ToTrash): Promise<void> {
  for (let start = 0; start < tasks.length; start += LIMITS.tasksPerCall)
    await toSome(client, tasks.slice(start, start + LIMITS.tasksPerCall), type)
}

async function toSome(client: Client, ids: readonly string[], type: ToTrash): Promise<void> {
  for (let left = [...ids]; left.length > 0;) {
    try {
      await client.tasks.bulk.mutate({ ids: left, action: { type } })
      return
    } catch (error) {
      const failure = failureOf(error)
      // A task that was erased meanwhile is named `ids.3`.
      const index =
        failure.appCode === 'NOT_FOUND' ? /^ids\.(\d+)$/u.exec(failure.fields[0]?.path ?? '')?.[1] : undefined
      if (index === undefined) throw error
      left = left.toSpliced(Number(index), 1)
    }
  }
}
