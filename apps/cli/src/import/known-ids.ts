import type { Client, Task } from '@taskwire/client'
import { firstKept, readChanges, readHead } from '../changes.ts'
import { readTasks } from '../pages.ts'

/** How a task is in the account, or in which file of this import it came. */
export type Known = { state: 'open' | 'complete' | 'trash' } | { state: 'imported'; file: string }

/** Which ids of the account are taken: read once for a whole import, not asked for each task. */
export interface KnownIds {
  /** Undefined where no task has the id. */
  get(id: string): Known | undefined
  /** The id cannot be used again yet: its task was erased not long ago. */
  isErased(id: string): boolean
  add(ids: readonly string[], file: string): void
  /** Reads again, and the log for what was erased: for when the service has refused an id. */
  refresh(): Promise<void>
}

export async function readKnownIds(client: Client): Promise<KnownIds> {
  let there = await readStates(client)
  const imported = new Map<string, Known>()
  let logged = new Set<string>()
  const get = (id: string): Known | undefined => imported.get(id) ?? there.get(id)
  return {
    get,
    isErased: (id) => get(id) === undefined && logged.has(id),
    add(ids, file) {
      for (const id of ids) imported.set(id, { state: 'imported', file })
    },
    async refresh() {
      there = await readStates(client)
      const head = await readHead(client)
      const { changes } = await readChanges(client, await firstKept(client, 0, head))
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
