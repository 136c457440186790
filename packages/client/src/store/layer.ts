import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import { type Edit, entityOf } from './edit.ts'
import { type Before, effectOf, type Owner } from './effects.ts'
import { equal } from './equal.ts'
import { ENTITIES, type MirroredEntity, putRow, type RowEntry, type RowOf, type Rows } from './rows.ts'

/** Ids of rows, by entity. */
export type Ids = { [E in MirroredEntity]: Set<string> }

/** A mirror with the effects of edits on top. */
export interface Layer extends Before {
  tasks(): Iterable<Task>
  lists(): Iterable<List>
  /** Applies the edits, on top of those before. Returns the rows that they may have changed. */
  add(edits: readonly Edit[]): Ids
  /** Computes these rows anew, from the mirror and the edits. */
  compute(ids: Ids, edits: readonly Edit[]): void
  /** The rows that edits have changed; null: deleted. */
  readonly overlay: { readonly [E in MirroredEntity]: Map<string, RowOf[E] | null> }
}

export function createLayer(mirror: Rows, owner: Owner): Layer {
  const overlay: Layer['overlay'] = { task: new Map(), list: new Map() }

  function get<E extends MirroredEntity>(entity: E, id: string): RowOf[E] | undefined {
    const changed = overlay[entity].get(id)
    return changed === undefined ? mirror[entity].get(id) : (changed ?? undefined)
  }
  function* all<E extends MirroredEntity>(entity: E): Iterable<RowOf[E]> {
    const changed = overlay[entity]
    for (const [id, row] of mirror[entity]) if (!changed.has(id)) yield row
    for (const row of changed.values()) if (row !== null) yield row
  }
  function* tasksOf(listId: string): Iterable<Task> {
    for (const task of all('task')) if (task.listId === listId) yield task
  }
  function* tasksAmong(ids: Iterable<string>, listId: string): Iterable<Task> {
    for (const id of ids) {
      const task = get('task', id)
      if (task?.listId === listId) yield task
    }
  }
  const layer: Layer = {
    ...owner,
    overlay,
    task: (id) => get('task', id),
    list: (id) => get('list', id),
    tasks: () => all('task'),
    lists: () => all('list'),
    tasksOf,
    add(edits) {
      const ids: Ids = { task: new Set(), list: new Set() }
      for (const edit of edits)
        for (const entry of effectOf(edit, layer)) {
          ids[entry.entity].add(entry.id)
          putRow(overlay, entry)
        }
      return ids
    },
    compute(ids, edits) {
      for (const entity of ENTITIES) for (const id of ids[entity]) overlay[entity].delete(id)
      const before = { ...layer, tasksOf: (listId: string) => tasksAmong(ids.task, listId) }
      for (const edit of edits) {
        const { procedure, input } = edit
        // A deleted list changes its tasks, too.
        if (procedure !== 'lists.delete' && !ids[entityOf(procedure)].has(input.id)) continue
        for (const entry of effectOf(edit, before)) if (ids[entry.entity].has(entry.id)) putRow(overlay, entry)
      }
    },
  }
  return layer
}

/**
 * Returns those of the `touched` rows that differ from how they were shown, which `was` returns. Rows that are equal
 * stay the same objects.
 */
export function differences(
  was: (entity: MirroredEntity, id: string) => RowOf[MirroredEntity] | undefined,
  now: Layer,
  touched: Ids,
): Ids {
  const changed: Ids = { task: new Set(), list: new Set() }
  for (const entity of ENTITIES)
    for (const id of touched[entity]) {
      const [old, row] = [was(entity, id), now[entity](id)]
      if (!equal(old, row)) changed[entity].add(id)
      // `old` is a row of the entity.
      else if (old !== undefined && now.overlay[entity].has(id))
        putRow(now.overlay, { entity, id, row: old } as RowEntry)
    }
  return changed
}
