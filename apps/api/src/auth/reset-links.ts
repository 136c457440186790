import { randomBytes } from 'node:crypto'
import { type Address, connectOnce } from '@taskwire/db'
import { ConfigError } from '../config.ts'
import { credentialHash } from './credential.ts'

export const RESET_LINK_MINUTES = 30

/**
 * Makes a link by which the account's owner sets a new password, once. It ends the links that were made before for
 * the account. The token is behind `#`, which browsers send nowhere.
 */
export async function makeResetLink(owner: Address, email: string, baseUrl: string): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await using connection = await connectOnce({ address: owner, applicationName: 'taskwire-admin' })
  const made = await connection.sql`
    insert into auth.password_resets (user_id, token_hash, expires_at)
    select u.id, ${credentialHash(token)}, now() + make_interval(mins => ${RESET_LINK_MINUTES}::int)
    from auth.users u join auth.accounts a on a.user_id = u.id and a.provider_id = 'credential'
    where u.email = ${email.trim().toLowerCase()}
    on conflict (user_id) do update set token_hash = excluded.token_hash, expires_at = excluded.expires_at
    returning user_id`
  if (made.length === 0) throw new ConfigError(`There is no account of ${email} with a password.`)
  return `${new URL('/reset-password', baseUrl).href}#${token}`
}
