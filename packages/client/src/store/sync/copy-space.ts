import { CONTRACT_HEADER } from '@taskwire/contract/version'
import type { StoredRow } from '../database.ts'
import { ENTITIES } from '../layer.ts'
import type { Rows } from '../rows.ts'
import { replaceRows } from '../stored-rows.ts'
import type { SyncContext } from './context.ts'
import { endApplied } from './settle.ts'
import { readSpace } from './read-space.ts'

/** Replaces the mirror by the rows that the service has. The edits stay. */
export async function copySpace(ctx: SyncContext): Promise<void> {
  const { view, write } = ctx
  const copy = await readSpace(ctx)
  await write(async (tx, meta) => {
    keepNewer(copy.rows, view.mirror, copy.after)
    await replaceRows(tx, meta, entriesOf(copy.rows))
    meta.after = copy.after
    meta.contract = CONTRACT_HEADER
    await endApplied(tx, meta, view.edits)
  })
}

/** Replies to edits that were sent meanwhile may be newer. What became of their rows, the Changes after `after` say. */
function keepNewer(rows: Rows, earlier: Rows, after: number): void {
  for (const entity of ENTITIES)
    for (const [id, row] of earlier[entity]) {
      const copied = rows[entity].get(id)?.revision ?? 0
      // The two maps are of one entity, but the compiler does not relate them.
      if (row.revision > after && row.revision > copied) (rows[entity] as Map<string, typeof row>).set(id, row)
    }
}

function* entriesOf({ task, list }: Rows): Iterable<StoredRow> {
  for (const [id, row] of list) yield { entity: 'list', id, row }
  for (const [id, row] of task) yield { entity: 'task', id, row }
}
