import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import type { MadeJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'

const erase = mutationFunction('delete_me', {})

export async function deleteMe(ctx: CallContext): Promise<MadeJson<{ id: string }>> {
  return await mutate<{ id: string }>(ctx, erase.with({}))
}
