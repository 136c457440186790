import type { Change, Client } from '@taskwire/client'
import { unlessRefused } from './failure.ts'

const PAGE = 500

/** Finds the revision after which the last `most` Changes begin, or the last ones that the log still has. */
export async function findStart(client: Client, most = Infinity): Promise<number> {
  let high = (await client.tasks.list.query({ limit: 1 })).revision
  let low = Math.max(0, high - most)
  let middle = low
  while (low < high) {
    const page = await unlessRefused(client.changes.list.query({ after: middle, limit: 1 }), 'RESYNC_REQUIRED')
    if (page === undefined) low = middle + 1
    else high = middle
    middle = Math.floor((low + high) / 2)
  }
  return low
}

/**
 * Reads at most `most` Changes after a revision, oldest first. Rejects with RESYNC_REQUIRED if some are not kept. With
 * `entityId` it reads those of one task that are kept.
 */
export async function readChanges(
  client: Client,
  after: number,
  { most = Infinity, entityId }: { most?: number; entityId?: string | undefined } = {},
): Promise<{ changes: Change[]; head: number; nextAfter: number }> {
  const changes: Change[] = []
  for (let from = after; ;) {
    const limit = Math.min(PAGE, most - changes.length)
    const page = await client.changes.list.query({ after: from, limit, entityId })
    changes.push(...page.changes)
    from = page.nextAfter
    if (from >= page.head || changes.length >= most) return { changes, head: page.head, nextAfter: from }
  }
}
