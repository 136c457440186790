import { LIMITS, SERVICE_SCOPES } from '@taskwire/contract'
import { type Address, connectOnce } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import { ConfigError } from '../../config.ts'
import { newSecret } from './keys.ts'

const createOptions = z.object({
  name: z
    .string({ error: 'is missing: --name billing' })
    .trim()
    .min(1, { error: 'is empty' })
    .max(LIMITS.keyName, { error: `is longer than ${LIMITS.keyName}` }),
  scopes: z
    .string({ error: `is missing: --scopes tasks:write` })
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(SERVICE_SCOPES, { error: `is not one or more of ${SERVICE_SCOPES.join(',')}` })).min(1)),
  expires: z.iso
    .datetime({ offset: true, error: 'is not a time such as 2027-01-31T00:00:00Z', abort: true })
    .refine((time) => Date.parse(time) > Date.now(), { error: 'is not in the future' })
    .optional(),
})

/**
 * A key that the operator creates for an internal service. In each call, the service names the user that it acts for.
 */
export interface ServiceKey {
  id: string
  name: string
  scopes: string[]
  expiresAt: string | null
}

export async function createServiceKey(owner: Address, options: unknown): Promise<{ id: string; secret: string }> {
  const parsed = createOptions.safeParse(options)
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.map((issue) => `--${String(issue.path[0])} ${issue.message}`).join('\n'))
  const { name, scopes, expires = null } = parsed.data
  const id = uuidv7()
  const { secret, hash } = newSecret('service')
  await using connection = await connectOnce({ address: owner, applicationName: 'taskwire-admin' })
  const created = await connection.sql`
    insert into tw.service_keys (id, name, scopes, secret_hash, expires_at)
    values (${id}, ${name}, string_to_array(${scopes.join(',')}, ','), ${hash}, ${expires})
    on conflict on constraint service_keys_name_key do nothing returning id`
  if (created.length === 0)
    throw new ConfigError(`There is a service key named ${name} already; revoke it, or choose another name.`)
  return { id, secret }
}

export async function listServiceKeys(owner: Address): Promise<ServiceKey[]> {
  await using connection = await connectOnce({ address: owner, applicationName: 'taskwire-admin' })
  return await connection.sql<ServiceKey[]>`
    select id, name, to_json(scopes) as scopes, tw.iso(expires_at) as "expiresAt" from tw.service_keys order by created_at`
}

export async function revokeServiceKey(owner: Address, id: string): Promise<void> {
  await using connection = await connectOnce({ address: owner, applicationName: 'taskwire-admin' })
  const deleted = await connection.sql`delete from tw.service_keys where id::text = ${id} returning id`
  if (deleted.length === 0) throw new ConfigError(`There is no service key ${id}; service-key list shows all of them.`)
}
