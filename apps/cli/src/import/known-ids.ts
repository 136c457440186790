import type { Client } from '@taskwire/client'
import { firstKept, readChanges, readHead } from '../changes.ts'
import { readTasks } from '../pages.ts'

/** Which ids of the account are taken: read once for a whole import, not asked for each task. */
export interface KnownIds {
  /** The task is there, in the trash or not. */
  has(id: string): boolean
  /** The id cannot be used again yet: its task was erased not long ago. */
  isErased(id: string): boolean
  add(ids: readonly string[]): void
  /** Reads again, and the log for what was erased: for when the service has refused an id. */
  refresh(): Promise<void>
}

export async function readKnownIds(client: Client): Promise<KnownIds> {
  let there = await readIds(client)
  let logged = new Set<string>()
  return {
    has: (id) => there.has(id),
    isErased: (id) => !there.has(id) && logged.has(id),
    add(ids) {
      for (const id of ids) there.add(id)
    },
    async refresh() {
      there = await readIds(client)
      const head = await readHead(client)
      const { changes } = await readChanges(client, await firstKept(client, 0, head))
      logged = new Set(changes.map(({ entityId }) => entityId))
    },
  }
}

async function readIds(client: Client): Promise<Set<string>> {
  return new Set((await readTasks(client, { filter: { trash: 'with' } })).map(({ id }) => id))
}
