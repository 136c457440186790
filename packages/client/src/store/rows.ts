import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'

/** The rows of each entity that a store mirrors. */
export interface RowOf {
  task: Task
  list: List
}
export type MirroredEntity = keyof RowOf

/** The rows of a space, by id. */
export type Rows = { [E in MirroredEntity]: Map<string, RowOf[E]> }

/** One row and its entity; null: the row was deleted. */
export type RowEntry<R = null> = { [E in MirroredEntity]: { entity: E; id: string; row: RowOf[E] | R } }[MirroredEntity]

export const emptyRows = (): Rows => ({ task: new Map(), list: new Map() })

export const ENTITIES: readonly MirroredEntity[] = ['task', 'list']

/** Puts a row into the map of its entity. */
export function putRow<R>(
  maps: { readonly [E in MirroredEntity]: Map<string, RowOf[E] | R> },
  { entity, id, row }: RowEntry<R>,
): void {
  // The row is of the entity, but the compiler does not relate the two unions.
  ;(maps[entity] as Map<string, typeof row>).set(id, row)
}

/** Sets or removes a row. */
export function setRow(rows: Rows, entry: RowEntry): void {
  if (entry.row === null) rows[entry.entity].delete(entry.id)
  // Its row is not null.
  else putRow(rows, entry as RowEntry<never>)
}
