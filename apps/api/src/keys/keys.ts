import { createHash, randomBytes } from 'node:crypto'
import type { ApiKey, KeyCreate, KeyRevoke, Page, PageInput } from '@taskwire/contract'
import { arrayText, prepare, sql } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { fromCursor, pageOf, TIME_SHAPE, UUID_SHAPE } from '../cursor.ts'
import { effect, finish, mutate, readAs, recordValues } from '../effect.ts'

/** A new secret: random, and so in no reply that is kept and not to be derived from anything. */
export function newSecret(kind: 'key' | 'service'): { secret: string; hash: Buffer } {
  const secret = `tw_${kind}_${randomBytes(32).toString('base64url')}`
  return { secret, hash: createHash('sha256').update(secret).digest() }
}

// No Change is made of a key, so the head stays.
const create = effect<'id' | 'name' | 'scopes' | 'hash' | 'expires'>(
  (p) => sql`with made as (
    insert into tw.api_keys as k (user_id, id, name, scopes, secret_hash, created_at, expires_at)
    select tw.account(), ${p('id')}::uuid, ${p('name')}, ${p('scopes')}::text[], ${p('hash')}::bytea, clock_timestamp(), ${p('expires')}::timestamptz
    where tw.live()
    returning tw.key_json(k) as json
  ),
  head as (select null::bigint as revision where false),
  result as (select 'ok' as outcome, json as reply, null::uuid as unchanged_id from made),
  ${finish(p, { keepReply: false })}`,
)

export async function createKey(ctx: CallContext, input: KeyCreate): Promise<{ key: ApiKey; secret: string }> {
  const { secret, hash } = newSecret('key')
  const values = {
    id: uuidv7(),
    name: input.name,
    scopes: arrayText(input.scopes),
    hash,
    expires: input.expiresAt ?? null,
  }
  const key = await mutate<ApiKey>(ctx, create.with({ ...values, ...recordValues(ctx) }))
  return { key, secret }
}

const revoke = effect<'id'>(
  (p) => sql`with gone as (
    delete from tw.api_keys k where k.user_id = tw.account() and k.id = ${p('id')}::uuid and tw.live() returning k.id
  ),
  head as (select null::bigint as revision where false),
  result as (
    select 'ok' as outcome, json_build_object('id', id) as reply, null::uuid as unchanged_id from gone
    union all select 'missing', null, null where not exists (select from gone)
  ),
  ${finish(p)}`,
)

export async function revokeKey(ctx: CallContext, input: KeyRevoke): Promise<{ id: string }> {
  return await mutate<{ id: string }>(ctx, revoke.with({ id: input.id, ...recordValues(ctx) }))
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
