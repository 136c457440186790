import { type Change, type Client, failureOf } from '@taskwire/client'

const PAGE = 500

/** Returns null if the log is no longer kept from there. */
async function readPage(
  client: Client,
  after: number,
  limit: number,
): Promise<{ changes: Change[]; head: number; nextAfter: number } | null> {
  try {
    return await client.changes.list.query({ after, limit })
  } catch (error) {
    if (failureOf(error).appCode === 'RESYNC_REQUIRED') return null
    throw error
  }
}

export async function readHead(client: Client): Promise<number> {
  return (await client.tasks.list.query({ limit: 1 })).revision
}

/** The smallest revision from `least` on after which all Changes are kept. */
export async function firstKept(client: Client, least: number, head: number): Promise<number> {
  let [low, high] = [least, head]
  let middle = low
  while (low < high) {
    if ((await readPage(client, middle, 1)) === null) low = middle + 1
    else high = middle
    middle = Math.floor((low + high) / 2)
  }
  return low
}

/** At most `most` Changes after a revision, oldest first. Rejects with RESYNC_REQUIRED if they are not kept. */
export async function readChanges(
  client: Client,
  after: number,
  most = Infinity,
): Promise<{ changes: Change[]; head: number; nextAfter: number }> {
  const changes: Change[] = []
  for (let from = after; ;) {
    const page = await client.changes.list.query({ after: from, limit: Math.min(PAGE, most - changes.length) })
    changes.push(...page.changes)
    from = page.nextAfter
    if (from >= page.head || changes.length >= most) return { changes, head: page.head, nextAfter: from }
  }
}
