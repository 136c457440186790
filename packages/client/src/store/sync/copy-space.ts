import { CONTRACT_HEADER } from '@taskwire/contract/version'
import { replaceRows } from '../stored-rows.ts'
import type { SyncContext } from './context.ts'
import { endApplied } from './settle.ts'
import { readSpace } from './read-space.ts'

/** Replaces the mirror by the rows that the service has. The edits stay. */
export async function copySpace(ctx: SyncContext): Promise<void> {
  const { view, write } = ctx
  const copy = await readSpace(ctx)
  await write(async (tx, meta) => {
    keepNewer(copy.rows.list, view.mirror.list, copy.after)
    keepNewer(copy.rows.task, view.mirror.task, copy.after)
    await replaceRows(tx, meta, copy.rows)
    meta.after = copy.after
    meta.contract = CONTRACT_HEADER
    await endApplied(tx, meta, view.edits)
  })
}

/** Replies to edits that were sent meanwhile may be newer. What became of their rows, the Changes after `after` say. */
function keepNewer<R extends { id: string; revision: number }>(
  rows: Map<string, R>,
  earlier: ReadonlyMap<string, R>,
  after: number,
): void {
  for (const row of earlier.values())
    if (row.revision > after && row.revision > (rows.get(row.id)?.revision ?? 0)) rows.set(row.id, row)
}
