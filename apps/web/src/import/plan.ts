import {
  findList,
  isInbox,
  missingLists,
  nameKey,
  type Note,
  notesOfImported,
  type TaskDraft,
  type TaskState,
} from '@taskwire/importers'

interface ListName {
  id: string
  name: string
}

/** A list, and how many tasks come into it. */
export interface Place {
  /** Null: the inbox. */
  name: string | null
  count: number
  isNew: boolean
}

/** What the import of one file will do. */
export interface FilePlan {
  /** The file's. */
  key: number
  /** The tasks that will be created. */
  fresh: readonly TaskDraft[]
  /** How many tasks are there already, by state; `repeated`: they are in an earlier file, too. */
  existing: Record<TaskState | 'repeated', number>
  /** The ids of those in the trash. */
  trashed: readonly string[]
  places: readonly Place[]
  /** What is lost or changed in the tasks that will be created, and in the file. */
  notes: readonly Note[]
}

interface FileToPlan {
  key: number
  tasks: readonly TaskDraft[]
  notes: readonly Note[]
}

/** Says what the import of files will do to an account with these tasks and lists. */
export function planImport(
  files: readonly FileToPlan[],
  states: ReadonlyMap<string, TaskState>,
  lists: readonly ListName[],
): FilePlan[] {
  const planned = new Set<string>()
  return files.map(({ key, tasks, notes }) => {
    const existing = { open: 0, complete: 0, trash: 0, repeated: 0 }
    const trashed = tasks.flatMap(({ id }) => (states.get(id) === 'trash' ? [id] : []))
    const fresh = tasks.filter(({ id }) => {
      const state = states.get(id) ?? (planned.has(id) ? 'repeated' : undefined)
      if (state !== undefined) existing[state]++
      return state === undefined
    })
    for (const { id } of fresh) planned.add(id)
    const ids = new Set(fresh.map(({ id }) => id))
    return { key, fresh, existing, trashed, places: placesOf(fresh, lists), notes: notesOfImported(tasks, notes, ids) }
  })
}

/** Returns the lists of tasks, in the order of the tasks; the names that the account has are written as there. */
function placesOf(tasks: readonly TaskDraft[], lists: readonly ListName[]): Place[] {
  const missing = new Set(missingLists(tasks, lists))
  const groups = Map.groupBy(tasks, ({ list }) => (list === null || isInbox(list) ? null : nameKey(list)))
  return [...groups].map(([key, group]) => {
    const name = key === null ? null : (group[0]?.list ?? null)
    const known = name === null ? undefined : findList(lists, name)
    return { name: known?.name ?? name, count: group.length, isNew: name !== null && missing.has(name) }
  })
}
