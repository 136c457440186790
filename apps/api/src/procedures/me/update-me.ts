import type { Account, AccountUpdate } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'

const update = mutationFunction('update_me', { new_name: 'text', new_zone: 'text' })

export async function updateMe(ctx: CallContext, { name, timeZone }: AccountUpdate): Promise<RawJson<Account>> {
  return await mutate(ctx, update.with({ new_name: name ?? null, new_zone: timeZone ?? null }))
}
