import type { Change, ChangesPage } from '@taskwire/contract'
import { query } from '@taskwire/db'
import { AppError } from '../../errors.ts'
import { type Reader, readAs } from '../read.ts'

const page = query('changes.list', ['after', 'most'])
const head = query('changes.head', [], { isShort: true })

export interface ReadPage extends ChangesPage {
  userId: string
  spaceId: string
  /** The size of its Changes as JSON, in bytes. */
  bytes: number
}

type PageRequest = { after: number; limit: number }
/** A page whose Changes are JSON text. */
type PageText = Omit<ReadPage, 'changes' | 'bytes'> & { changes: string }

/** Reads at most `limit` Changes after a revision, oldest first. Throws RESYNC_REQUIRED if some are no longer kept. */
export async function readChanges(ctx: Reader, request: PageRequest): Promise<ReadPage> {
  const { changes, ...others } = await readChangesText(ctx, request)
  // tw.change_json() makes Changes of this type.
  return { ...others, changes: JSON.parse(changes) as Change[], bytes: Buffer.byteLength(changes) }
}

/** Like `readChanges()`, without parsing the Changes. */
export async function readChangesText(ctx: Reader, { after, limit }: PageRequest): Promise<PageText> {
  const { userId, spaceId, rows } = await readAs(ctx, page.with({ after, most: limit }))
  const [row] = rows
  const [headRevision, count] = [Number(row?.['head']), Number(row?.['count'])]
  const changes = String(row?.['changes'])
  const nextAfter = Number(row?.['last'] ?? after)
  // A gap means that the sweeper has deleted Changes that the caller has not seen.
  if (nextAfter !== after + count || (count === 0 && after !== headRevision))
    throw new AppError(
      'RESYNC_REQUIRED',
      'after is older than the log that is kept, or above the head; read everything again, and follow from the revision of that read.',
    )
  return { userId, spaceId, changes, head: headRevision, nextAfter }
}

/** Reads the head, and returns it as an empty page that ends there. */
export async function readHead(ctx: Reader): Promise<ReadPage> {
  const { userId, spaceId, rows } = await readAs(ctx, head.with({}))
  const headRevision = Number(rows[0]?.['head'])
  return { userId, spaceId, changes: [], head: headRevision, nextAfter: headRevision, bytes: 0 }
}
