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

/** Sets or removes a row. */
export function setRow(rows: Rows, { entity, id, row }: RowEntry): void {
  const map = rows[entity]
  if (row === null) map.delete(id)
  // The row is of the entity, but the compiler does not relate the two unions.
  else (map as Map<string, typeof row>).set(id, row)
}
