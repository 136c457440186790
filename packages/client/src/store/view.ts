import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import type { Database, Meta } from './database.ts'
import type { Edit } from './edit.ts'
import type { Owner } from './effects.ts'
import { createLayer, differences, type Ids, type Layer } from './layer.ts'
import { createListeners } from './listeners.ts'
import { oneAtATime } from './one-at-a-time.ts'
import type { Clock } from './query/zone.ts'
import { type Everything, type News, readStore } from './read-store.ts'
import { emptyRows, ENTITIES, type MirroredEntity, type RowOf, type Rows, setRow } from './rows.ts'

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

/** What the view is made of. */
interface State {
  meta: Meta
  mirror: Rows
  edits: Map<number, Edit>
  layer: Layer
}

export async function openView(db: () => Database, owner: Owner): Promise<View> {
  let state = stateOf(await readAll(db()), owner)
  let version = 0
  let edits = inOrder(state.edits)
  let isHidden = false
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
      changed = update(state, found, owner)
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
      timeZone: state.meta.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
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

function stateOf({ meta, rows, edits }: Everything, owner: Owner): State {
  const open = edits.filter((edit) => edit.state !== 'done')
  const layer = createLayer(rows, owner)
  layer.add(open)
  return { meta, mirror: rows, edits: new Map(open.map((edit) => [edit.order, edit])), layer }
}

function inOrder(edits: ReadonlyMap<number, Edit>): readonly Edit[] {
  return [...edits.values()].sort((a, b) => a.order - b.order)
}

/** Brings the state up to date. Returns the rows that have changed. */
function update(state: State, { meta, recent, edits }: News, owner: Owner): Ids {
  const last = inOrder(state.edits).at(-1)?.order ?? 0
  const onlyAdds = recent.length === 0 && edits.every((edit) => edit.order > last && edit.state !== 'done')
  state.meta = meta
  for (const edit of edits)
    if (edit.state === 'done') state.edits.delete(edit.order)
    else state.edits.set(edit.order, edit)
  if (onlyAdds) return state.layer.add(edits)

  const touched: Ids = {
    task: new Set(state.layer.overlay.task.keys()),
    list: new Set(state.layer.overlay.list.keys()),
  }
  for (const { entity, id } of recent) touched[entity].add(id)
  const shown = new Map<string, RowOf[MirroredEntity] | undefined>()
  for (const entity of ENTITIES) for (const id of touched[entity]) shown.set(`${entity} ${id}`, state.layer[entity](id))

  for (const row of recent) setRow(state.mirror, row)
  state.layer = createLayer(state.mirror, owner)
  state.layer.add(inOrder(state.edits))
  // A row that was not touched is still in the mirror as it was.
  const was = (entity: MirroredEntity, id: string): RowOf[MirroredEntity] | undefined =>
    shown.has(`${entity} ${id}`) ? shown.get(`${entity} ${id}`) : state.mirror[entity].get(id)
  return differences(was, state.layer, touched)
}
