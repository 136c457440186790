import type { Change, ChangesPage } from '@taskwire/contract'
import { prepare, sql } from '@taskwire/db'
import { type Reader, readAs } from '../effect.ts'
import { AppError } from '../errors.ts'

// Head and Changes of one snapshot.
const page = prepare<'after' | 'most'>(
  (p) => sql`select h.revision as head, (
      select coalesce(json_agg(page.change), '[]') from (
        select tw.change_json(c) as change from tw.changes c where c.user_id = tw.me() and c.revision > ${p('after')}::bigint
        order by c.revision limit ${p('most')}::int
      ) page
    ) as changes
    from tw.user_heads h where h.user_id = tw.me()`,
)
const head = prepare<never>(() => sql`select h.revision as head from tw.user_heads h where h.user_id = tw.me()`)

export interface ReadPage extends ChangesPage {
  userId: string
}

/** The Changes above a revision, oldest first, at most so many; RESYNC_REQUIRED where some are not kept. */
export async function readChanges(ctx: Reader, { after, limit }: { after: number; limit: number }): Promise<ReadPage> {
  const { userId, rows } = await readAs(ctx, page.with({ after, most: limit }))
  const top = Number(rows[0]?.['head'])
  const changes = (rows[0]?.['changes'] ?? []) as Change[]
  const nextAfter = changes.at(-1)?.revision ?? after
  // Every revision from `after` on is there, or some have been swept away and would be left out unseen.
  if (nextAfter !== after + changes.length || (changes.length === 0 && after !== top))
    throw new AppError(
      'RESYNC_REQUIRED',
      'after is older than what is kept, or above the head; read everything again, and follow from the revision of that.',
    )
  return { userId, changes, head: top, nextAfter }
}

/** The head as it is now, as a page that ends there. */
export async function readHead(ctx: Reader): Promise<ReadPage> {
  const { userId, rows } = await readAs(ctx, head.with({}))
  const top = Number(rows[0]?.['head'])
  return { userId, changes: [], head: top, nextAfter: top }
}
