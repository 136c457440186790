import type { Change, ChangesPage } from '@taskwire/contract'
import { prepare, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { read } from '../effect.ts'
import { AppError } from '../errors.ts'

// Head and Changes of one snapshot. The log can be followed from `after` when that is the head, or
// the next Change is still kept.
const page = prepare<'after' | 'most'>(
  (p) => sql`select h.revision as head,
      ${p('after')}::bigint = h.revision or exists (
        select from tw.changes c where c.user_id = tw.me() and c.revision = ${p('after')}::bigint + 1
      ) as kept,
      (select coalesce(json_agg(tw.change_json(page.c)), '[]') from (
        select c from tw.changes c where c.user_id = tw.me() and c.revision > ${p('after')}::bigint
        order by c.revision limit ${p('most')}::int
      ) page) as changes
    from tw.user_heads h where h.user_id = tw.me()`,
)

export async function listChanges(ctx: CallContext, input: { after: number; limit: number }): Promise<ChangesPage> {
  const [row] = await read(ctx, page.with({ after: input.after, most: input.limit }))
  const head = Number(row?.['head'])
  if (row?.['kept'] !== true)
    throw new AppError(
      'RESYNC_REQUIRED',
      'after is older than what is kept, or above the head; read everything again, and follow from the revision of that.',
      { revision: head },
    )
  const changes = row['changes'] as Change[]
  return { changes, head, nextAfter: changes.at(-1)?.revision ?? head }
}
