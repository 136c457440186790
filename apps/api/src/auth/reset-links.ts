import { randomBytes } from 'node:crypto'
import { type Address, connectOnce } from '@taskwire/db'
import { ConfigError } from '../config.ts'
import { credentialHash } from './credential.ts'

export const RESET_LINK_MINUTES = 30

/**
 * Creates a link with which the account's owner can set a new password once. Earlier links of the account become
 * invalid. The token is in the fragment of the URL, which browsers do not send to servers.
 */
export async function makeResetLink(owner: Address, email: string, baseUrl: string): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await using connection = await connectOnce({ address: owner, applicationName: 'taskwire-admin' })
  const inserted = await connection.sql`
    insert into auth.password_resets (user_id, token_hash, expires_at)
    select u.id, ${credentialHash(token)}, now() + make_interval(mins => ${RESET_LINK_MINUTES}::int)
    from auth.users u join auth.accounts a on a.user_id = u.id and a.provider_id = 'credential'
    where u.email = ${email.trim().toLowerCase()} and u.external_id is null and u.disabled_at is null
    on conflict (user_id) do update set token_hash = excluded.token_hash, expires_at = excluded.expires_at
    returning user_id`
  if (inserted.length === 0)
    throw new ConfigError(`There is no account with the e-mail address ${email} and a password, or it is disabled.`)
  return `${baseUrl.replace(/\/$/, '')}/reset-password#${token}`
}
