import type { User, UserCreate } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { mutate } from '../mutate.ts'
import type { RawJson } from '../raw-json.ts'
import { asNamed } from './named-user.ts'

const create = mutationFunction('create_user', {
  new_id: 'uuid',
  external: 'text',
  new_name: 'text',
  new_email: 'text',
  new_zone: 'text',
})

export async function createUser(ctx: CallContext, input: UserCreate): Promise<RawJson<User>> {
  const { externalId: external, name, email = null, timeZone = null } = input
  const values = { new_id: uuidv7(), external, new_name: name, new_email: email, new_zone: timeZone }
  return await mutate<User>(asNamed(ctx), create.with(values))
}
