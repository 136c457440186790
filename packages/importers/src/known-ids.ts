/** A task of the account: open, complete or in the trash. */
export type TaskState = 'open' | 'complete' | 'trash'

/** The state of a task in the account, or the file of this run that it came from. */
export type Known = { state: TaskState } | { state: 'imported'; file: string }

/** Reads which task ids are in use. */
export interface UsedIds {
  /** Returns all tasks, also those in the trash. */
  readStates(): Promise<ReadonlyMap<string, TaskState>>
  /** Returns the ids in the log, also those of erased tasks, which cannot be used again yet. */
  readLogged(): Promise<ReadonlySet<string>>
}

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

export async function readKnownIds({ readStates, readLogged }: UsedIds): Promise<KnownIds> {
  let inAccount = await readStates()
  const imported = new Map<string, Known>()
  let logged: ReadonlySet<string> = new Set()
  const get = (id: string): Known | undefined => {
    const state = inAccount.get(id)
    return imported.get(id) ?? (state && { state })
  }
  return {
    get,
    isErased: (id) => get(id) === undefined && logged.has(id),
    add(ids, file) {
      for (const id of ids) imported.set(id, { state: 'imported', file })
    },
    async refresh() {
      inAccount = await readStates()
      logged = await readLogged()
    },
  }
}

export function stateOf({ deletedAt, complete }: { deletedAt: string | null; complete: boolean }): TaskState {
  if (deletedAt !== null) return 'trash'
  return complete ? 'complete' : 'open'
}
