import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '@taskwire/db'
import { UUID_SHAPE } from '../procedures/cursor.ts'
import { AppError } from '../errors.ts'
import { credentialHash, credentialOf, isServiceKey, isWellFormed } from './credential.ts'

// What cannot be the id of a user or a space is sent on as that of none: the database refuses it as it does any other.
const NONE = '00000000-0000-0000-0000-000000000000'

// A request is asked about more than once: at the gate, where it comes in, and in its call.
const callers = new WeakMap<IncomingHttpHeaders, Caller | undefined>()

/** Whose call it claims to be; undefined without a well-formed credential. The database settles whether it is. */
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
    // Where no service's key names a user it is refused, whoever is named: by one key here, and not as many as ids.
    actingAs: user === undefined || isServiceKey(credential.token) ? idOf(user) : NONE,
    spaceId: idOf(headers['x-taskwire-space']),
  }
}

function idOf(header: string | string[] | undefined): string | null {
  const id = header?.toString().toLowerCase()
  return id === undefined ? null : UUID_SHAPE.test(id) ? id : NONE
}

/** `sec-fetch-site` is how browsers say whose page it is. */
export function notSignedIn(headers: IncomingHttpHeaders = {}): AppError {
  return new AppError(
    'UNAUTHENTICATED',
    headers['sec-fetch-site'] === 'cross-site'
      ? 'Not signed in: browsers send no session cookie from a page of another site (scheme and registered domain). Serve the page from that of the service, or send Authorization: Bearer with the token of the sign-in.'
      : 'Not signed in: send the session cookie, or Authorization: Bearer with a session token or a key.',
  )
}

/**
 * Browsers send the cookie along with what any page asks for: a request that goes by its cookie
 * comes from a page of ours. Who sends a bearer's credential cannot be a page that was not told it.
 */
export function refuseForeignPages(headers: IncomingHttpHeaders, origins: readonly string[]): void {
  if (credentialOf(headers)?.kind !== 'cookie') return
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
