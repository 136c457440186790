import type { ApiKey, KeyCreate } from '@taskwire/contract'
import { arrayText, mutationFunction } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'
import { newSecret } from './keys.ts'

const create = mutationFunction('create_key', {
  key: 'uuid',
  key_name: 'text',
  key_scopes: 'text[]',
  bound: 'uuid',
  hash: 'bytea',
  expires: 'timestamp with time zone',
})

export async function createKey(ctx: CallContext, input: KeyCreate): Promise<RawJson<{ key: ApiKey; secret: string }>> {
  const { secret, hash } = newSecret('key')
  const values = {
    key: uuidv7(),
    key_name: input.name,
    key_scopes: arrayText(input.scopes),
    bound: input.spaceId ?? null,
    hash,
    expires: input.expiresAt ?? null,
  }
  const { text } = await mutate<ApiKey>(ctx, create.with(values))
  return new RawJson(`{"key":${text},"secret":${JSON.stringify(secret)}}`)
}
