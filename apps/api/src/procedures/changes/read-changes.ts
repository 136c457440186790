import type { Change, ChangesPage } from '@taskwire/contract'
import { query } from '@taskwire/db'
import { AppError } from '../../errors.ts'
import { type Reader, readAs } from '../read.ts'

const page = query('changes.list', ['after', 'most'])
const head = query('changes.head')

export interface ReadPage extends ChangesPage {
  userId: string
  spaceId: string
  /** What its Changes take as JSON. */
  bytes: number
}

type Asked = { after: number; limit: number }
/** A page whose Changes are JSON yet. */
type PageText = Omit<ReadPage, 'changes' | 'bytes'> & { changes: string }

/** The Changes above a revision, oldest first, at most so many; RESYNC_REQUIRED where some are not kept. */
export async function readChanges(ctx: Reader, asked: Asked): Promise<ReadPage> {
  const { changes, ...others } = await readChangesText(ctx, asked)
  // As tw.change_json() makes them.
  return { ...others, changes: JSON.parse(changes) as Change[], bytes: Buffer.byteLength(changes) }
}

/** The same, not looked into. */
export async function readChangesText(ctx: Reader, { after, limit }: Asked): Promise<PageText> {
  const { userId, spaceId, rows } = await readAs(ctx, page.with({ after, most: limit }))
  const [row] = rows
  const [top, count] = [Number(row?.['head']), Number(row?.['count'])]
  const changes = String(row?.['changes'])
  const nextAfter = Number(row?.['last'] ?? after)
  // Every revision from `after` on is there, or some have been swept away and would be left out unseen.
  if (nextAfter !== after + count || (count === 0 && after !== top))
    throw new AppError(
      'RESYNC_REQUIRED',
      'after is older than what is kept, or above the head; read everything again, and follow from the revision of that.',
    )
  return { userId, spaceId, changes, head: top, nextAfter }
}

/** The head as it is now, as a page that ends there. */
export async function readHead(ctx: Reader): Promise<ReadPage> {
  const { userId, spaceId, rows } = await readAs(ctx, head.with({}))
  const top = Number(rows[0]?.['head'])
  return { userId, spaceId, changes: [], head: top, nextAfter: top, bytes: 0 }
}
