import type { Change, ChangesInput } from '@taskwire/contract/change'
import type { ChangesPage } from '@taskwire/contract/replies'

const PAGE = 500

/** The calls that read the log of an account; the client has them. */
export interface LogCalls {
  tasks: { list: { query(input: { limit: number }): Promise<{ revision: number }> } }
  changes: { list: { query(input: ChangesInput): Promise<ChangesPage> } }
}

/** Finds the revision after which the last `most` Changes begin, or the last ones that the log still has. */
export async function findStart({ tasks, changes }: LogCalls, most = Infinity): Promise<number> {
  let high = (await tasks.list.query({ limit: 1 })).revision
  let low = Math.max(0, high - most)
  let middle = low
  while (low < high) {
    if (await isKept(changes.list.query({ after: middle, limit: 1 }))) high = middle
    else low = middle + 1
    middle = Math.floor((low + high) / 2)
  }
  return low
}

async function isKept(page: Promise<ChangesPage>): Promise<boolean> {
  try {
    await page
    return true
  } catch (error) {
    if (error instanceof Error && 'appCode' in error && error.appCode === 'RESYNC_REQUIRED') return false
    throw error
  }
}

/**
 * Reads at most `most` Changes after a revision, oldest first. Rejects with RESYNC_REQUIRED if some are not kept. With
 * `entityId` it reads those of one task that are kept.
 */
export async function readChanges(
  { changes: { list } }: LogCalls,
  after: number,
  { most = Infinity, entityId }: { most?: number; entityId?: string | undefined } = {},
): Promise<{ changes: Change[]; head: number; nextAfter: number }> {
  const changes: Change[] = []
  for (let from = after; ;) {
    const limit = Math.min(PAGE, most - changes.length)
    const page = await list.query({ after: from, limit, entityId })
    changes.push(...page.changes)
    from = page.nextAfter
    if (from >= page.head || changes.length >= most) return { changes, head: page.head, nextAfter: from }
  }
}

/** Returns the ids of all rows in the log, also of those that were erased. */
export async function readLoggedIds(calls: LogCalls): Promise<Set<string>> {
  const { changes } = await readChanges(calls, await findStart(calls))
  return new Set(changes.map(({ entityId }) => entityId))
}
