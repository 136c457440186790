import { type Address, connectOnce } from '@taskwire/db'
import { createHash, randomBytes, randomUUID } from 'node:crypto'

/** Creates a service key as an administrator would, and returns its secret. */
export async function createServiceKey(admin: Address, scopes: string[]): Promise<string> {
  const secret = `tw_service_${randomBytes(32).toString('base64url')}`
  const hash = createHash('sha256').update(secret).digest()
  await using connection = await connectOnce({ address: admin, applicationName: 'taskwire-test' })
  await connection.sql`
    insert into tw.service_keys (id, name, scopes, secret_hash)
    values (${randomUUID()}, 'billing', string_to_array(${scopes.join(',')}, ','), ${hash})`
  return secret
}
