import type { List, PageInput, RevisionedPage } from '@taskwire/contract'
import { query } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { fromCursor, pageOf } from '../cursor.ts'
import { readAs } from '../read.ts'

const page = query('lists.list', ['after', 'most'])

export async function listLists(ctx: CallContext, input: PageInput & { limit: number }): Promise<RevisionedPage<List>> {
  const queryId = 'lists.list'
  const cursor = fromCursor(queryId, input.cursor, [/^[0-9a-f]{8,}$/])
  const [after = ''] = cursor?.key ?? []
  const { spaceId, rows } = await readAs(ctx, page.with({ after, most: input.limit + 1 }), cursor)
  const [row] = rows
  const found = row?.['items'] as List[]
  return {
    ...pageOf(found, { queryId, spaceId, limit: input.limit, keyOf: (last) => [last.position] }),
    revision: Number(row?.['revision']),
  }
}
