import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import type { Database, Meta } from './database.ts'
import type { Edit } from './edit.ts'
import type { Owner } from './effects.ts'
import { createLayer, type Ids, type Layer } from './layer.ts'
import { createListeners } from './listeners.ts'
import { oneAtATime } from './one-at-a-time.ts'
import type { Clock } from './query/zone.ts'
import { type Everything, readStore } from './read-store.ts'
import { emptyRows, type Rows } from './rows.ts'
import { inOrder, stateOf, update } from './view-state.ts'

/** The ids of the rows that have changed; `all` if any may have. */
export type Changed = Ids | 'all'

/** What a page shows: the mirror, with the effects of the edits in the queue on top. It is kept in memory. */
export interface View extends Owner {
  readonly meta: Meta
  /** The rows as the service had them, without the edits. */
  readonly mirror: Rows
  /** The queue in order, without the edits that are done. */
  readonly edits: readonly Edit[]
  task(id: string): Task | undefined
  list(id: string): List | undefined
  tasks(): Iterable<Task>
  lists(): Iterable<List>
  /** The time now, in the account's zone, or in the browser's while that is unknown. */
  clock(): Clock
  /** Raised by every change. */
  readonly version: number
  /** Calls `listener` after every change. Returns a function that ends this. */
  subscribe(listener: (changed: Changed) => void): () => void
  /** True while another account is signed in: the view shows no rows. */
  readonly isHidden: boolean
  hide(isHidden: boolean): void
  /** Reads what any tab has written. When it resolves, the view has all that was written before the call. */
  refresh(): Promise<void>
}

export async function openView(db: () => Database, owner: Owner): Promise<View> {
  let state = stateOf(await readAll(db()), owner)
  let version = 0
  let edits = inOrder(state.edits)
  let isHidden = false
  // To ask the browser takes long, and each query would.
  const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const nothing = createLayer(emptyRows(), owner)
  const layer = (): Layer => (isHidden ? nothing : state.layer)
  const listeners = createListeners<[Changed]>()

  async function read(): Promise<void> {
    const found = await readStore(db(), state.meta)
    if (found.meta.seq === state.meta.seq && found.rows === undefined) return
    let changed: Changed = 'all'
    if (found.rows !== undefined) state = stateOf(found, owner)
    else {
      const zone = state.meta.timeZone
      changed = update(state, found)
      if (state.meta.timeZone !== zone) changed = 'all'
    }
    edits = inOrder(state.edits)
    show(changed)
  }
  function show(changed: Changed): void {
    version++
    listeners.call(changed)
  }

  return {
    ...owner,
    get meta() {
      return state.meta
    },
    get mirror() {
      return state.mirror
    },
    get edits() {
      return edits
    },
    get version() {
      return version
    },
    get isHidden() {
      return isHidden
    },
    task: (id) => layer().task(id.toLowerCase()),
    list: (id) => layer().list(id.toLowerCase()),
    tasks: () => layer().tasks(),
    lists: () => layer().lists(),
    clock: () => ({
      now: new Date(),
      timeZone: state.meta.timeZone ?? browserZone,
    }),
    subscribe: listeners.add,
    hide(hidden) {
      if (isHidden === hidden) return
      isHidden = hidden
      show('all')
    },
    refresh: oneAtATime(read),
  }
}

async function readAll(db: Database): Promise<Everything> {
  const found = await readStore(db)
  if (found.rows === undefined) throw new Error('Without an earlier read, everything is read')
  return found
}
