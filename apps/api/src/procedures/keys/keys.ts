import { createHash, randomBytes } from 'node:crypto'
import type { ApiKey, Page, PageInput } from '@taskwire/contract'
import { query } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { fromCursor, pageOf, TIME_SHAPE, UUID_SHAPE } from '../cursor.ts'
import { readAs } from '../read.ts'

/**
 * Returns a random secret, and its hash, which is stored. The secret itself is stored nowhere, not even in a kept
 * reply.
 */
export function newSecret(kind: 'key' | 'service'): { secret: string; hash: Buffer } {
  const secret = `tw_${kind}_${randomBytes(32).toString('base64url')}`
  return { secret, hash: createHash('sha256').update(secret).digest() }
}

const page = query('keys.list', ['created_at', 'id', 'most'])

export async function listKeys(ctx: CallContext, input: PageInput & { limit: number }): Promise<Page<ApiKey>> {
  const queryId = 'keys.list'
  const cursor = fromCursor(queryId, input.cursor, [TIME_SHAPE, UUID_SHAPE])
  const [time = 'infinity', id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'] = cursor?.key ?? []
  const { spaceId, rows } = await readAs(ctx, page.with({ created_at: time, id, most: input.limit + 1 }), cursor)
  const found = rows.map((row) => row['key'] as ApiKey)
  return pageOf(found, { queryId, spaceId, limit: input.limit, keyOf: (last) => [last.createdAt, last.id] })
}
