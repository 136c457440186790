import type { UserDelete } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { mutate } from '../mutate.ts'
import type { RawJson } from '../raw-json.ts'
import { asNamed } from './named-user.ts'

const erase = mutationFunction('delete_user', {})

export async function deleteUser(ctx: CallContext, input: UserDelete): Promise<RawJson<{ id: string }>> {
  return await mutate<{ id: string }>(asNamed(ctx, input), erase.with({}))
}
