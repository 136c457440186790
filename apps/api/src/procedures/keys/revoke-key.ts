import type { KeyRevoke } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'

const revoke = mutationFunction('revoke_key', { key: 'uuid' })

export async function revokeKey(ctx: CallContext, { id }: KeyRevoke): Promise<RawJson<{ id: string }>> {
  return await mutate(ctx, revoke.with({ key: id }))
}
