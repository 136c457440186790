import type { User, UserUpdate } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { mutate } from '../mutate.ts'
import type { RawJson } from '../raw-json.ts'
import { asNamed } from './named-user.ts'

const update = mutationFunction('update_user', {
  new_name: 'text',
  new_email: 'text',
  new_zone: 'text',
  is_disabled: 'boolean',
})

export async function updateUser(ctx: CallContext, input: UserUpdate): Promise<RawJson<User>> {
  const { name = null, email = null, timeZone = null, disabled = null } = input.changes
  const values = { new_name: name, new_email: email, new_zone: timeZone, is_disabled: disabled }
  return await mutate<User>(asNamed(ctx, input), update.with(values))
}
