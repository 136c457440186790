import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '@taskwire/db'
import { UUID_SHAPE } from '../procedures/cursor.ts'
import { AppError } from '../errors.ts'
import { credentialHash, credentialOf, isServiceKey, isWellFormed } from './credential.ts'

// Sent in place of a malformed id, so that the database refuses it like any unknown one.
const UNKNOWN_ID = '00000000-0000-0000-0000-000000000000'

// Each request is parsed several times: by the admission gate, by hooks and by its calls.
const callers = new WeakMap<IncomingHttpHeaders, Caller | undefined>()

/** Returns the caller that a request claims; undefined without a well-formed credential. Only the database verifies it. */
export function callerOf(headers: IncomingHttpHeaders): Caller | undefined {
  if (!callers.has(headers)) callers.set(headers, readCaller(headers))
  return callers.get(headers)
}

function readCaller(headers: IncomingHttpHeaders): Caller | undefined {
  const credential = credentialOf(headers)
  if (credential === undefined || !isWellFormed(credential.token)) return undefined
  const user = headers['x-taskwire-user']
  return {
    credential: credentialHash(credential.token),
    // Only a service key may name a user. For other credentials any name becomes one id, so that one caller has one key.
    actingAs: user === undefined || isServiceKey(credential.token) ? idOf(user) : UNKNOWN_ID,
    spaceId: idOf(headers['x-taskwire-space']),
  }
}

function idOf(header: string | string[] | undefined): string | null {
  const id = header?.toString().toLowerCase()
  return id === undefined ? null : UUID_SHAPE.test(id) ? id : UNKNOWN_ID
}

/** Returns the error for a request without a valid credential; browsers say in `sec-fetch-site` where it comes from. */
export function notSignedIn(headers: IncomingHttpHeaders = {}): AppError {
  return new AppError(
    'UNAUTHENTICATED',
    headers['sec-fetch-site'] === 'cross-site'
      ? 'Not signed in: browsers send no session cookie from a page of another site (scheme and registered domain). Serve the page from the site of the service, or send the token of the sign-in, as Authorization: Bearer or by createClient({ url, token }).'
      : 'Not signed in: send the session cookie, or Authorization: Bearer with a session token or a key.',
  )
}

/**
 * Throws FORBIDDEN for a request of another origin that is authenticated by its cookie, which browsers add to requests of
 * any page. A page can send a bearer token only if it was given one.
 */
export function refuseForeignPages(headers: IncomingHttpHeaders, origins: readonly string[]): void {
  if (credentialOf(headers)?.kind !== 'cookie') return
  const { origin } = headers
  const site = headers['sec-fetch-site']
  const isForeign =
    origin !== undefined ? !origins.includes(origin) : site !== undefined && site !== 'same-origin' && site !== 'none'
  if (isForeign)
    throw new AppError(
      'FORBIDDEN',
      'A page of this origin may not call with the cookie; add the origin to ALLOWED_ORIGINS.',
    )
}
