import type { Meta } from './database.ts'
import { type Edit, entityOf } from './edit.ts'
import type { Owner } from './effects.ts'
import { createLayer, differences, type Ids, type Layer } from './layer.ts'
import type { Everything, News } from './read-store.ts'
import { ENTITIES, type MirroredEntity, type RowEntry, type RowOf, type Rows, setRow } from './rows.ts'

/** What the view is made of. */
export interface State {
  meta: Meta
  mirror: Rows
  /** The edits that are not done, by their order. */
  edits: Map<number, Edit>
  layer: Layer
}

export function stateOf({ meta, rows, edits }: Omit<Everything, 'recent'>, owner: Owner): State {
  const open = edits.filter((edit) => edit.state !== 'done')
  const layer = createLayer(rows, owner)
  layer.add(open)
  return { meta, mirror: rows, edits: new Map(open.map((edit) => [edit.order, edit])), layer }
}

export function inOrder(edits: ReadonlyMap<number, Edit>): readonly Edit[] {
  return [...edits.values()].sort((a, b) => a.order - b.order)
}

/** Brings the state up to date. Returns the rows that have changed. */
export function update(state: State, { meta, recent, edits }: Omit<News, 'rows'>): Ids {
  const last = inOrder(state.edits).at(-1)?.order ?? 0
  const onlyAdds = recent.length === 0 && edits.every((edit) => edit.order > last && edit.state !== 'done')
  state.meta = meta
  for (const edit of edits)
    if (edit.state === 'done') state.edits.delete(edit.order)
    else state.edits.set(edit.order, edit)
  if (onlyAdds) return state.layer.add(edits)

  const open = inOrder(state.edits)
  const some = touchedBy(recent, edits, open)
  const touched = some ?? allIn(state.layer, recent)
  const shown = new Map<string, RowOf[MirroredEntity] | undefined>()
  for (const entity of ENTITIES) for (const id of touched[entity]) shown.set(`${entity} ${id}`, state.layer[entity](id))

  for (const row of recent) setRow(state.mirror, row)
  state.layer.forget(touched)
  const isTouched = ({ procedure, input }: Edit): boolean => touched[entityOf(procedure)].has(input.id)
  const added = state.layer.add(some === undefined ? open : open.filter(isTouched))
  for (const entity of ENTITIES) for (const id of added[entity]) touched[entity].add(id)
  // A row that was not touched is still in the mirror as it was.
  const was = (entity: MirroredEntity, id: string): RowOf[MirroredEntity] | undefined =>
    shown.has(`${entity} ${id}`) ? shown.get(`${entity} ${id}`) : state.mirror[entity].get(id)
  return differences(was, state.layer, touched)
}

/** Returns all rows that edits have changed, and those that were written. */
function allIn({ overlay }: Layer, recent: readonly RowEntry[]): Ids {
  const ids: Ids = { task: new Set(overlay.task.keys()), list: new Set(overlay.list.keys()) }
  for (const { entity, id } of recent) ids[entity].add(id)
  return ids
}

/**
 * Returns the rows that have to be computed anew: those that were written, those of the edits that have changed, and
 * those whose places depend on each other. Undefined if it may be any, since a list is deleted with its tasks.
 */
function touchedBy(recent: readonly RowEntry[], changed: readonly Edit[], open: readonly Edit[]): Ids | undefined {
  if ([...changed, ...open].some(({ procedure }) => procedure === 'lists.delete')) return undefined
  const ids: Ids = { task: new Set(), list: new Set() }
  for (const { entity, id } of recent) ids[entity].add(id)
  for (const { procedure, input } of changed) ids[entityOf(procedure)].add(input.id)
  const placed = open.flatMap((edit) => {
    const after = placedAfter(edit)
    return after === undefined ? [] : { among: ids[entityOf(edit.procedure)], pair: [edit.input.id, after] }
  })
  const count = (): number => ids.task.size + ids.list.size
  for (let before = -1; before !== count();) {
    before = count()
    for (const { among, pair } of placed) if (pair.some((id) => among.has(id))) for (const id of pair) among.add(id)
  }
  return ids
}

/** Returns the id of the row after which an edit places its row, if it names one. */
function placedAfter(edit: Edit): string | undefined {
  switch (edit.procedure) {
    case 'tasks.create':
    case 'tasks.move':
    case 'lists.create':
      return edit.input.after ?? undefined
    case 'lists.update':
      return edit.input.changes.after ?? undefined
    case 'tasks.update':
    case 'tasks.delete':
    case 'tasks.restore':
    case 'tasks.purge':
    case 'lists.delete':
      return undefined
  }
}
