import { errors, jwtVerify, type JWTPayload } from 'jose'
import type { Vouched } from '@taskwire/db'
import { LRUCache } from 'lru-cache'
import { AppError } from '../errors.ts'
import { bearerOf, credentialHash } from './credential.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import type { TokenSettings } from './token-settings.ts'
import { ForgedProof, vouchedUser, type VouchedRequest, type Voucher } from './vouched-user.ts'

/** Longer tokens are refused before any work on them. */
const LONGEST_TOKEN = 8192
const TYPE = /^(application\/)?(at\+)?jwt$/i
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Only algorithms with a private key: with a shared secret, everyone who verifies tokens could also make them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** Seconds by which the clocks of the issuer and of this process may differ. */
const TOLERANCE = 30
const MOST_KEPT = 10_000

/**
 * Accepts bearer tokens that are JWTs of the issuer. The issuer and the subject of a token identify its user. The
 * claims for name, e-mail address and time zone are used only when the account is created.
 */
export function createTokenVoucher(
  { issuer, audience, freshSeconds }: TokenSettings,
  keys: IssuerKeys,
): Voucher<VouchedRequest> {
  // Verified tokens, by their hash. They are dropped when the keys change.
  const verified = new LRUCache<string, Vouched>({ max: MOST_KEPT })
  let { version } = keys

  function recallToken(token: string): Vouched | undefined {
    // Otherwise, while all tokens are remembered ones, nothing would show that the issuer has dropped a key.
    const latest = keys.refresh()
    if (version !== latest) verified.clear()
    version = latest
    const user = verified.get(keyOf(token))
    return user !== undefined && user.expiresAt > Date.now() ? user : undefined
  }

  async function verify(token: string): Promise<Vouched> {
    const { version: before } = keys
    let verifiedAt = before
    const find: IssuerKeys['find'] = async (header, input) => {
      const key = await keys.find(header, input)
      verifiedAt = keys.version
      return key
    }
    try {
      const { payload, protectedHeader } = await jwtVerify(token, find, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: TOLERANCE,
        requiredClaims: ['exp', 'sub'],
      })
      refuseOtherKinds(protectedHeader, payload)
      const user: Vouched = { ...userOf(payload, issuer, freshSeconds), isCurrent: () => keys.refresh() === verifiedAt }
      // If the keys have changed in the meantime, the issuer may have dropped this token's key.
      if (keys.version === before && version === before) verified.set(keyOf(token), user)
      return user
    } catch (error) {
      throw error instanceof AppError ? error : refusalOf(error)
    }
  }

  return {
    isAmbient: false,
    recall(request) {
      const token = tokenOf(request)
      return token === undefined || token.length > LONGEST_TOKEN ? undefined : recallToken(token)
    },
    userOf(request, limit = async (check) => await check()) {
      const token = tokenOf(request)
      if (token === undefined) return undefined
      if (token.length > LONGEST_TOKEN) throw refused(`it is longer than ${LONGEST_TOKEN} characters`)
      return recallToken(token) ?? limit(async () => await verify(token))
    },
  }
}

/**
 * Refuses what an issuer signs for other uses, such as a logout token (RFC 8725, 3.11). A token with `cnf` is valid only
 * with a proof that its sender has a key, which this service does not check.
 */
function refuseOtherKinds({ typ }: { typ?: unknown }, { cnf }: JWTPayload): void {
  if (typ !== undefined && (typeof typ !== 'string' || !TYPE.test(typ)))
    throw refused('its typ is neither JWT nor at+jwt')
  if (cnf !== undefined) throw refused('its claim cnf binds it to a key, which is not supported')
}

/** Returns the user that the claims of a token name, and until when the token counts. Throws if a claim is wrong. */
function userOf(
  { sub, iat, auth_time: signedInAt, exp = 0, name, email, zoneinfo }: JWTPayload,
  issuer: string,
  freshSeconds: number | null,
): Vouched {
  if (iat !== undefined && iat > Date.now() / 1000 + TOLERANCE) throw refused('its claim iat is in the future')
  // A refreshed token is as old as its sign-in. One that does not say when it was issued is not fresh.
  const freshFrom = Math.min(iat ?? -Infinity, typeof signedInAt === 'number' ? signedInAt : Infinity)
  const until = {
    expiresAt: (exp + TOLERANCE) * 1000,
    freshUntil: freshSeconds === null ? Infinity : (freshFrom + freshSeconds) * 1000,
  }
  const elsewhere = { externalId: typeof sub === 'string' ? sub : '', name, email, timeZone: zoneinfo }
  const user = vouchedUser(elsewhere, issuer, until)
  if (user === undefined) throw refused('its claim sub is not a line of 1 to 200 characters')
  return user
}

/** The bearer token, if it has the form of a JWT. Session tokens and keys have no dots. */
function tokenOf({ headers }: VouchedRequest): string | undefined {
  const token = bearerOf(headers)?.token
  return token !== undefined && TOKEN.test(token) ? token : undefined
}

const keyOf = (token: string): string => credentialHash(token).toString('base64')

const messageOf = (reason: string): string => `Not signed in: the token was refused, since ${reason}. Send another one.`

function refused(reason: string, cause?: unknown): AppError {
  return new AppError('UNAUTHENTICATED', messageOf(reason), { cause })
}

/** The signature is checked before the claims. */
function refusalOf(error: unknown): AppError {
  if (error instanceof errors.JWTExpired) return refused('it has expired', error)
  if (error instanceof errors.JWTClaimValidationFailed)
    return refused(`its claim ${error.claim} is missing or invalid`, error)
  if (error instanceof errors.JWKSMultipleMatchingKeys) return refused('it does not name its key', error)
  const hasNoKey = error instanceof errors.JWKSNoMatchingKey
  return new ForgedProof(
    messageOf(hasNoKey ? 'its issuer has no such key' : 'it is not a token that the issuer signed'),
    error,
  )
}
