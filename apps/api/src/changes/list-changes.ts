import type { Change, ChangesPage } from '@taskwire/contract'
import { prepare, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { read } from '../effect.ts'
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

export async function listChanges(ctx: CallContext, input: { after: number; limit: number }): Promise<ChangesPage> {
  const { after, limit } = input
  const [row] = await read(ctx, page.with({ after, most: limit }))
  const head = Number(row?.['head'])
  const changes = (row?.['changes'] ?? []) as Change[]
  const nextAfter = changes.at(-1)?.revision ?? after
  // Every revision from `after` on is there, or some have been swept away and would be left out unseen.
  if (nextAfter !== after + changes.length || (changes.length === 0 && after !== head))
    throw new AppError(
      'RESYNC_REQUIRED',
      'after is older than what is kept, or above the head; read everything again, and follow from the revision of that.',
    )
  return { changes, head, nextAfter }
}
