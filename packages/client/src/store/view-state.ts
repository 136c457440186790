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
  const touched = touchedBy(recent, edits, open, state.mirror)
  const shown = new Map<string, RowOf[MirroredEntity] | undefined>()
  for (const entity of ENTITIES) for (const id of touched[entity]) shown.set(`${entity} ${id}`, state.layer[entity](id))

  for (const row of recent) setRow(state.mirror, row)
  state.layer.compute(touched, open)
  return differences((entity, id) => shown.get(`${entity} ${id}`), state.layer, touched)
}

/**
 * Returns the rows that have to be computed anew: those that were written, those of the edits that have changed, and
 * those that depend on them, since their places do, or since their list is deleted.
 */
function touchedBy(recent: readonly RowEntry[], changed: readonly Edit[], open: readonly Edit[], mirror: Rows): Ids {
  const ids: Ids = { task: new Set(), list: new Set() }
  for (const { entity, id } of recent) ids[entity].add(id)
  for (const { procedure, input } of changed) ids[entityOf(procedure)].add(input.id)
  const placed = open.flatMap((edit) => {
    const after = placedAfter(edit)
    return after === undefined ? [] : { among: ids[entityOf(edit.procedure)], pair: [edit.input.id, after] }
  })
  const deleted = new Set(
    [...changed, ...open].filter(({ procedure }) => procedure === 'lists.delete').map(({ input }) => input.id),
  )
  const count = (): number => ids.task.size + ids.list.size
  for (let before = -1; before !== count();) {
    before = count()
    for (const { among, pair } of placed) if (pair.some((id) => among.has(id))) for (const id of pair) among.add(id)
    for (const list of ids.list) if (deleted.delete(list)) addTasksOf(list, ids.task, open, mirror)
  }
  return ids
}

/** Adds the tasks that are in a list, or that an edit puts there. */
function addTasksOf(list: string, ids: Set<string>, open: readonly Edit[], mirror: Rows): void {
  for (const { id, listId } of mirror.task.values()) if (listId === list) ids.add(id)
  for (const { input } of open) if ('listId' in input && input.listId === list) ids.add(input.id)
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
