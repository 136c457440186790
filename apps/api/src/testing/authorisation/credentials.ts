import { randomBytes } from 'node:crypto'
import { newSecret } from '../../procedures/keys/keys.ts'
import type { TestService } from '../service.ts'

export type Headers = Record<string, string>

export const bearer = (secret: string): Headers => ({ authorization: `Bearer ${secret}` })
export const cookie = (token: string): Headers => ({ cookie: `taskwire.session_token=${token}` })
export const acting = (user: string): Headers => ({ 'x-taskwire-user': user })
export const actingExternally = (user: string): Headers => ({ 'x-taskwire-external-user': encodeURIComponent(user) })
export const inSpace = (space: string): Headers => ({ 'x-taskwire-space': space })

export const newToken = (): string => randomBytes(16).toString('hex')

/** Adds a session that expires at this SQL time; returns its token. */
export async function addSession(
  service: TestService,
  userId: string,
  expires = 'now() + interval $$7 days$$',
): Promise<string> {
  const token = newToken()
  await service.admin(
    `insert into auth.sessions (user_id, token_hash, expires_at) values ($1, sha256(convert_to($2, 'UTF8')), ${expires})`,
    [userId, token],
  )
  return token
}

/** Adds a key of a user, bound to a space or not; returns its secret. */
export async function addKey(
  service: TestService,
  userId: string,
  scopes: readonly string[],
  { expires = 'null', spaceId = null }: { expires?: string; spaceId?: string | null } = {},
): Promise<string> {
  const { secret } = newSecret('key')
  await service.admin(
    `insert into tw.api_keys (user_id, id, space_id, name, scopes, secret_hash, created_at, expires_at)
       values ($1, gen_random_uuid(), $4, 'key', string_to_array($2, ','), sha256(convert_to($3, 'UTF8')), now(), ${expires})`,
    [userId, scopes.join(','), secret, spaceId],
  )
  return secret
}

/** Adds a service key; returns its secret. */
export async function addServiceKey(
  service: TestService,
  scopes: readonly string[],
  expires = 'null',
): Promise<string> {
  const { secret } = newSecret('service')
  await service.admin(
    `insert into tw.service_keys (id, name, scopes, secret_hash, expires_at)
       values (gen_random_uuid(), $1::text, string_to_array($2, ','), sha256(convert_to($1, 'UTF8')), ${expires})`,
    [secret, scopes.join(',')],
  )
  return secret
}
