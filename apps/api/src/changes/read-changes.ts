import type { Change, ChangesPage } from '@taskwire/contract'
import { prepare, sql } from '@taskwire/db'
import { type Reader, readAs } from '../effect.ts'
import { AppError } from '../errors.ts'

// Head and Changes of one snapshot.
const page = prepare<'after' | 'most'>(
  (p) => sql`select h.revision as head, page.changes, page.count, page.last
    from tw.spaces h, (
      select coalesce(json_agg(of_page.change), '[]')::text as changes, count(*) as count, max(of_page.revision) as last from (
        select tw.change_json(c) as change, c.revision from tw.changes c
        where c.space_id = tw.space() and c.revision > ${p('after')}::bigint
        order by c.revision limit ${p('most')}::int
      ) of_page
    ) page
    where h.id = tw.space()`,
)
const head = prepare<never>(() => sql`select h.revision as head from tw.spaces h where h.id = tw.space()`)

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
