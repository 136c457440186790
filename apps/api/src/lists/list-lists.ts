import type { List, PageInput, RevisionedPage } from '@taskwire/contract'
import { prepare, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { fromCursor, pageOf } from '../cursor.ts'
import { readAs } from '../effect.ts'

const page = prepare<'behind' | 'most'>(
  (p) => sql`select h.revision, (
      select coalesce(json_agg(tw.list_json(page.l)), '[]') from (
        select l from tw.lists l where l.space_id = tw.space() and l.position > ${p('behind')}
        order by l.position limit ${p('most')}::int
      ) page
    ) as items from tw.spaces h where h.id = tw.space()`,
)

export async function listLists(ctx: CallContext, input: PageInput & { limit: number }): Promise<RevisionedPage<List>> {
  const question = 'lists.list'
  const cursor = fromCursor(question, input.cursor, [/^[0-9a-f]{8,}$/])
  const [behind = ''] = cursor?.key ?? []
  const { spaceId, rows } = await readAs(ctx, page.with({ behind, most: input.limit + 1 }), cursor)
  const [row] = rows
  const found = row?.['items'] as List[]
  return {
    ...pageOf(found, { question, spaceId, limit: input.limit, keyOf: (last) => [last.position] }),
    revision: Number(row?.['revision']),
  }
}
