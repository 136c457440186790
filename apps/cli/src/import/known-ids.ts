import type { Client, Task } from '@taskwire/client'
import { findStart, readChanges } from '../changes.ts'
import { readTasks } from '../pages.ts'

/** The state of a task in the account, or the file of this run that it came from. */
export type Known = { state: 'open' | 'complete' | 'trash' } | { state: 'imported'; file: string }

/** The task ids that are in use in the account, read once for a whole import. */
export interface KnownIds {
  /** Undefined if no task has the id. */
  get(id: string): Known | undefined
  /** True if a task with this id was erased recently, so the id cannot be used again yet. */
  isErased(id: string): boolean
  add(ids: readonly string[], file: string): void
  /** Reads the account again, and the log for erased tasks. Called after the service refused an id. */
  refresh(): Promise<void>
}

export async function readKnownIds(client: Client): Promise<KnownIds> {
  let inAccount = await readStates(client)
  const imported = new Map<string, Known>()
  let logged = new Set<string>()
  const get = (id: string): Known | undefined => imported.get(id) ?? inAccount.get(id)
  return {
    get,
    isErased: (id) => get(id) === undefined && logged.has(id),
    add(ids, file) {
      for (const id of ids) imported.set(id, { state: 'imported', file })
    },
    async refresh() {
      inAccount = await readStates(client)
      const { changes } = await readChanges(client, await findStart(client))
      logged = new Set(changes.map(({ entityId }) => entityId))
    },
  }
}

async function readStates(client: Client): Promise<Map<string, Known>> {
  const tasks = await readTasks(client, { filter: { trash: 'with' } })
  return new Map(tasks.map((task) => [task.id, { state: stateOf(task) }]))
}

function stateOf({ deletedAt, complete }: Task): 'open' | 'complete' | 'trash' {
  if (deletedAt !== null) return 'trash'
  return complete ? 'complete' : 'open'
}
