import type { Change } from '@taskwire/contract/change'
import { isChangeOf } from '../../is-change-of.ts'
import type { RowEntry, Rows } from '../rows.ts'

/** Returns the rows that result from Changes, in order, to the rows of a mirror. Null: the row was deleted. */
export function rowsOfChanges(changes: readonly Change[], mirror: Rows): RowEntry[] {
  const changed = new Map<string, RowEntry>()
  for (const change of changes) {
    // The content of a task that was purged later is gone; the purge follows.
    if (change.redacted || !(isChangeOf(change, 'task') || isChangeOf(change, 'list'))) continue
    const { entity, entityId: id, revision } = change
    const earlier = changed.get(`${entity} ${id}`)
    const row = earlier === undefined ? mirror[entity].get(id) : earlier.row
    if (row && revision <= row.revision) continue
    if (change.after === null) changed.set(`${entity} ${id}`, { entity, id, row: null })
    else if (row || change.before === null)
      // The row is whole: a create has all fields, and any other Change is of a row that the mirror has.
      changed.set(`${entity} ${id}`, {
        entity,
        id,
        row: { ...row, ...change.after, id, revision, updatedAt: change.at },
      } as RowEntry)
  }
  return [...changed.values()]
}
