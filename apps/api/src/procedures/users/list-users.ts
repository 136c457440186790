import type { Page, PageInput, User } from '@taskwire/contract'
import { query } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { fromCursor, pageOf, UUID_SHAPE } from '../cursor.ts'
import { readAs } from '../read.ts'
import { asNamed } from './named-user.ts'

const page = query('users.list', ['id', 'most'])

export async function listUsers(ctx: CallContext, input: PageInput & { limit: number }): Promise<Page<User>> {
  const queryId = 'users.list'
  const cursor = fromCursor(queryId, input.cursor, [UUID_SHAPE])
  const [id = '00000000-0000-0000-0000-000000000000'] = cursor?.key ?? []
  const { spaceId, rows } = await readAs(asNamed(ctx), page.with({ id, most: input.limit + 1 }), cursor)
  const found = rows.map((row) => row['account'] as User)
  return pageOf(found, { queryId, spaceId, limit: input.limit, keyOf: (last) => [last.id] })
}
