import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '@taskwire/db'
import { UUID_SHAPE } from './cursor.ts'
import { AppError } from './errors.ts'
import { credentialHash, credentialOf } from './sign-in.ts'

/** Whose call it claims to be; the database settles whether it is. */
export function callerOf(headers: IncomingHttpHeaders): Caller | undefined {
  const credential = credentialOf(headers)
  if (credential === undefined) return undefined
  const acting = headers['x-taskwire-user']
  if (acting === undefined) return { credential: credentialHash(credential.token), actingAs: null }
  const user = String(acting).toLowerCase()
  if (!UUID_SHAPE.test(user))
    throw new AppError('FORBIDDEN', 'X-Taskwire-User goes with a service key alone, and names an existing user.')
  return { credential: credentialHash(credential.token), actingAs: user }
}

/**
 * Browsers send the cookie along with what any page asks for: a request with a cookie comes from a
 * page of ours. Who sends no cookie, or a bearer's credential, cannot be a page that was not told it.
 */
export function refuseForeignPages(headers: IncomingHttpHeaders, origins: readonly string[]): void {
  if (headers.cookie === undefined || headers.authorization !== undefined) return
  const { origin } = headers
  const site = headers['sec-fetch-site']
  const foreign =
    origin !== undefined ? !origins.includes(origin) : site !== undefined && site !== 'same-origin' && site !== 'none'
  if (foreign)
    throw new AppError(
      'FORBIDDEN',
      'A page of this origin may not call with the cookie; add the origin to ALLOWED_ORIGINS.',
    )
}
