import { createHash, randomBytes } from 'node:crypto'
import type { ApiKey, Page, PageInput } from '@taskwire/contract'
import { prepare, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { fromCursor, pageOf, TIME_SHAPE, UUID_SHAPE } from '../cursor.ts'
import { readAs } from '../effect.ts'

/** A new secret: random, and so in no reply that is kept and not to be derived from anything. */
export function newSecret(kind: 'key' | 'service'): { secret: string; hash: Buffer } {
  const secret = `tw_${kind}_${randomBytes(32).toString('base64url')}`
  return { secret, hash: createHash('sha256').update(secret).digest() }
}

const page = prepare<'time' | 'id' | 'most'>(
  (p) => sql`select tw.key_json(k) as key from tw.api_keys k
    where k.user_id = tw.account() and (k.created_at, k.id) < (${p('time')}::timestamptz, ${p('id')}::uuid)
    order by k.created_at desc, k.id desc limit ${p('most')}::int`,
)

export async function listKeys(ctx: CallContext, input: PageInput & { limit: number }): Promise<Page<ApiKey>> {
  const question = 'keys.list'
  const cursor = fromCursor(question, input.cursor, [TIME_SHAPE, UUID_SHAPE])
  const [time = 'infinity', id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'] = cursor?.key ?? []
  const { spaceId, rows } = await readAs(ctx, page.with({ time, id, most: input.limit + 1 }), cursor)
  const found = rows.map((row) => row['key'] as ApiKey)
  return pageOf(found, { question, spaceId, limit: input.limit, keyOf: (last) => [last.createdAt, last.id] })
}
