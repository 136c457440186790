import type { Change, ChangesPage } from '@taskwire/contract'
import { type Caller, type Entered, prepare, sql, type Statement } from '@taskwire/db'
import { AppError } from '../errors.ts'

// Head and Changes of one snapshot.
const page = prepare<'after' | 'most'>(
  (p) => sql`select h.revision as head, (
      select coalesce(json_agg(tw.change_json(page.c)), '[]') from (
        select c from tw.changes c where c.user_id = tw.me() and c.revision > ${p('after')}::bigint
        order by c.revision limit ${p('most')}::int
      ) page
    ) as changes
    from tw.user_heads h where h.user_id = tw.me()`,
)
const head = prepare<never>(() => sql`select h.revision as head from tw.user_heads h where h.user_id = tw.me()`)

/** Of the door and of the call: all that reading takes. */
export interface Reader {
  database: { read(caller: Caller, need: string, statement: Statement): Promise<{ caller: Entered; rows: object[] }> }
  caller: Caller
  need: string
  onEntered(caller: Caller, userId: string, expiresAt: string | null): void
}

export interface ReadPage extends ChangesPage {
  userId: string
}

async function readRow(ctx: Reader, statement: Statement): Promise<{ userId: string; row: Record<string, unknown> }> {
  const { caller, rows } = await ctx.database.read(ctx.caller, ctx.need, statement)
  ctx.onEntered(ctx.caller, caller.userId, caller.expiresAt)
  return { userId: caller.userId, row: { ...rows[0] } }
}

/** The Changes above a revision, oldest first, at most so many; RESYNC_REQUIRED where some are not kept. */
export async function readChanges(ctx: Reader, { after, limit }: { after: number; limit: number }): Promise<ReadPage> {
  const { userId, row } = await readRow(ctx, page.with({ after, most: limit }))
  const top = Number(row['head'])
  const changes = (row['changes'] ?? []) as Change[]
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
  const { userId, row } = await readRow(ctx, head.with({}))
  const top = Number(row['head'])
  return { userId, changes: [], head: top, nextAfter: top }
}
