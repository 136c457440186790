import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'

const erase = mutationFunction('delete_me', {})

export async function deleteMe(ctx: CallContext): Promise<RawJson<{ id: string }>> {
  return await mutate(ctx, erase.with({}))
}
