import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { externalId } from '@taskwire/contract'
import type { FastifyRequest } from 'fastify'
import { type Caller, namingCredential, type Vouched, vouchedCredential } from '@taskwire/db'
import { UUID_SHAPE } from '../procedures/cursor.ts'
import { AppError } from '../errors.ts'
import { bearerOf, credentialHash, credentialOf, isServiceKey, isWellFormed } from './credential.ts'
import type { IncomingRequest, ProofCheck, Voucher } from './vouched-user.ts'

// Sent to the database in place of a malformed id, which is then refused like an unknown id.
const UNKNOWN_ID = '00000000-0000-0000-0000-000000000000'
const UNKNOWN_EXTERNAL_ID = ''

// Cached by request: the admission gate, the hooks and the calls of a request all need its caller.
const callers = new WeakMap<IncomingMessage, Caller | undefined>()
const refusals = new WeakMap<IncomingMessage, AppError>()

/** How this service identifies callers. */
export interface Identification {
  /** The name of the session cookie; null if the service sets none. */
  cookie: string | null
  /** Finds the user of a request that has neither a session token nor a key as its bearer token. */
  voucher?: Voucher | undefined
  /** Runs the voucher's check of a proof, within the limits of the network of the request. */
  limitCheck?(request: IncomingRequest, check: ProofCheck): Promise<Vouched>
}

/** Returns the caller that `identify()` has found; undefined if the request has no well-formed credential. */
export function callerOf({ raw }: IncomingRequest): Caller | undefined {
  return callers.get(raw)
}

/** Returns the caller that a credential of Taskwire claims. The database verifies it. */
export function readCaller(headers: IncomingHttpHeaders, cookie: string | null): Caller | undefined {
  const credential = credentialOf(headers, cookie)
  if (credential === undefined || !isWellFormed(credential.token)) return undefined
  const spaceId = idOf(headers['x-taskwire-space'])
  const hash = credentialHash(credential.token)
  if (!isServiceKey(credential.token)) return { credential: hash, actingAs: refusedUserName(headers), spaceId }
  const external = headers['x-taskwire-external-user']
  return {
    credential: external === undefined ? hash : namingCredential(hash, externalIdOf(external.toString())),
    actingAs: idOf(headers['x-taskwire-user']),
    spaceId,
  }
}

/**
 * Only a service key may name a user. For other credentials, any name becomes the same id, so that a caller cannot
 * evade its limits, which are counted by credential and user, by varying the name.
 */
function refusedUserName(headers: IncomingHttpHeaders): string | null {
  return (headers['x-taskwire-user'] ?? headers['x-taskwire-external-user']) === undefined ? null : UNKNOWN_ID
}

function idOf(header: string | string[] | undefined): string | null {
  const id = header?.toString().toLowerCase()
  return id === undefined ? null : UUID_SHAPE.test(id) ? id : UNKNOWN_ID
}

/**
 * Decodes a percent-encoded external id. Only visible ASCII is accepted: other bytes may stand for several texts, and
 * Node joins repeated headers with a comma and a blank.
 */
function externalIdOf(header: string): string {
  if (!/^[!-~]+$/.test(header)) return UNKNOWN_EXTERNAL_ID
  try {
    const parsed = externalId.safeParse(decodeURIComponent(header))
    return parsed.success ? parsed.data : UNKNOWN_EXTERNAL_ID
  } catch {
    return UNKNOWN_EXTERNAL_ID
  }
}

/**
 * Finds the caller of a request, for `callerOf()`: the user for whom the voucher vouches, unless the request has a
 * session token or a key as its bearer token. Returns a promise only if the voucher has to wait. The promise never
 * rejects, since a procedure may need no caller: `notSignedIn()` returns the voucher's error to those that do.
 */
export function identify(
  { cookie, voucher, limitCheck }: Identification,
  request: FastifyRequest,
): Promise<void> | undefined {
  const { raw, headers } = request
  if (!callers.has(raw)) callers.set(raw, readCaller(headers, cookie))
  if (voucher === undefined || callers.get(raw)?.vouched !== undefined || hasOwnBearer(headers)) return undefined
  const refuse = (error: unknown): void => {
    callers.set(raw, undefined)
    refusals.set(raw, error instanceof AppError ? error : notSignedIn(request, error))
  }
  try {
    const user = voucher.userOf(request, limitCheck && (async (check) => await limitCheck(request, check)))
    if (!(user instanceof Promise)) return setUser(request, user)
    return user.then((found) => setUser(request, found), refuse)
  } catch (error) {
    refuse(error)
    return undefined
  }
}

/** Finds the caller of a request before `identify()` does: of vouched users, only one whom the voucher remembers. */
export function knownCallerOf({ cookie, voucher }: Identification, request: IncomingRequest): Caller | undefined {
  const { raw, headers } = request
  if (callers.get(raw) === undefined && voucher?.recall !== undefined && !hasOwnBearer(headers))
    setUser(request, voucher.recall(request))
  if (!callers.has(raw)) callers.set(raw, readCaller(headers, cookie))
  return callers.get(raw)
}

function hasOwnBearer(headers: IncomingHttpHeaders): boolean {
  const token = bearerOf(headers)?.token
  return token !== undefined && isWellFormed(token)
}

function setUser({ raw, headers }: IncomingRequest, vouched: Vouched | undefined): undefined {
  if (vouched !== undefined)
    callers.set(raw, {
      credential: vouchedCredential(vouched),
      actingAs: refusedUserName(headers),
      spaceId: idOf(headers['x-taskwire-space']),
      vouched,
    })
}

/**
 * Returns the error for a request without a valid credential. A page of another site is told why its cookie is missing.
 */
export function notSignedIn(request?: IncomingRequest, cause?: unknown): AppError {
  return (
    (request && refusals.get(request.raw)) ??
    new AppError(
      'UNAUTHENTICATED',
      request?.headers['sec-fetch-site'] === 'cross-site'
        ? 'Not signed in: browsers send no session cookie from a page of another site (scheme and registered domain). Serve the page from the site of the service, or send the session token, as Authorization: Bearer or by createClient({ url, token }).'
        : 'Not signed in: send the session cookie, or Authorization: Bearer with a session token or a key.',
      { cause },
    )
  )
}

/**
 * Throws FORBIDDEN for a request from a page of another origin that is authenticated by the session cookie, or by
 * something else that browsers add to the requests of any page (`isAmbient`). A page can send a bearer token only if it
 * was given one.
 */
export function refuseForeignPages(
  headers: IncomingHttpHeaders,
  cookie: string | null,
  origins: readonly string[],
  isAmbient: boolean = false,
): void {
  if (credentialOf(headers, cookie)?.kind !== 'cookie' && !isAmbient) return
  const { origin } = headers
  const site = headers['sec-fetch-site']
  const isForeign =
    origin !== undefined ? !origins.includes(origin) : site !== undefined && site !== 'same-origin' && site !== 'none'
  if (!isForeign) return
  const page = origin === undefined || origin.length > 200 ? 'this origin' : origin
  const advice = isAmbient ? ' A proxy that forwards calls of pages to this server has to keep their Host header.' : ''
  throw new AppError(
    'FORBIDDEN',
    `A page of ${page} may not call with the cookie; add the origin to ALLOWED_ORIGINS.${advice}`,
  )
}
