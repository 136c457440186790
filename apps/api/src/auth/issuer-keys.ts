import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { AppError } from '../errors.ts'
import { isLoopback, isSecureUrl, type TokenSettings } from './token-settings.ts'

/** The public keys of an issuer. */
export interface IssuerKeys {
  /** Returns the key that a token names. Throws UNAVAILABLE if it is not known and the issuer cannot be asked. */
  find: JWTVerifyGetKey
  /** Changes when the keys have changed. */
  readonly version: number
  /** Fetches the keys, so that the first token need not wait. */
  load(): Promise<void>
}

export interface IssuerKeysOptions extends Pick<TokenSettings, 'issuer' | 'jwksUrl'> {
  times?: Partial<KeyTimes> | undefined
  /** Aborts when the service closes. */
  signal: AbortSignal
  onFailure(error: unknown): void
}

/** In milliseconds. */
export interface KeyTimes {
  /** Between two fetches, whatever keys the tokens name. */
  cooldownMs: number
  /** Older keys are fetched again, while they go on being used. */
  refreshMs: number
  /** For one fetch, discovery included. */
  timeoutMs: number
}
const TIMES: KeyTimes = { cooldownMs: 10_000, refreshMs: 300_000, timeoutMs: 3000 }

/** Of a reply of the issuer, decompressed. */
const MOST_BYTES = 256 * 1024

/**
 * Keeps the keys of an issuer. Known keys are used on while the issuer is slow or gone; a key that it no longer lists is
 * dropped with the next fetch that succeeds.
 */
export function createIssuerKeys({ issuer, jwksUrl, times: given, signal, onFailure }: IssuerKeysOptions): IssuerKeys {
  const times = { ...TIMES, ...given }
  let keys: ReturnType<typeof createLocalJWKSet> | undefined
  let [text, version] = ['', 0]
  let address = jwksUrl
  let attemptedAt = -Infinity
  let hasFailed = false
  let loading: Promise<void> | undefined

  async function fetchKeys(): Promise<void> {
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(times.timeoutMs)])
      address ??= await discover(issuer, within)
      const found = await fetchText(address, within)
      // Throws for what is no set of keys.
      keys = createLocalJWKSet(JSON.parse(found) as JSONWebKeySet)
      if (found !== text) version++
      text = found
      hasFailed = false
    } catch (error) {
      hasFailed = true
      // The issuer may have moved them.
      address = jwksUrl
      if (!signal.aborted) onFailure(error)
    }
  }

  /** Fetches the keys; during the cooldown does nothing. */
  async function load(): Promise<void> {
    if (loading === undefined && performance.now() - attemptedAt >= times.cooldownMs) {
      attemptedAt = performance.now()
      loading = fetchKeys().finally(() => (loading = undefined))
    }
    await loading
  }

  return {
    async find(header, token) {
      if (keys === undefined) await load()
      else if (performance.now() - attemptedAt > times.refreshMs) void load()
      if (keys === undefined) throw unavailable()
      try {
        return await keys(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        await load()
        if (hasFailed) throw unavailable()
        return await keys(header, token)
      }
    },
    get version() {
      return version
    },
    load,
  }
}

function unavailable(): AppError {
  return new AppError('UNAVAILABLE', 'The token cannot be verified now: its issuer cannot be reached. Retry.', {
    retryAfterMs: 1000,
  })
}

/** Returns the address of the keys from the issuer's discovery document (OpenID Connect Discovery 1.0). */
async function discover(issuer: string, signal: AbortSignal): Promise<string> {
  const document: unknown = JSON.parse(
    await fetchText(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, signal),
  )
  const { issuer: named, jwks_uri: address } = Object(document) as { issuer?: unknown; jwks_uri?: unknown }
  if (named !== issuer) throw new Error('The discovery document is of another issuer')
  // A document from elsewhere must not lead to a server of this machine.
  if (typeof address !== 'string' || !isSecureUrl(address) || (isLoopback(address) && !isLoopback(issuer)))
    throw new Error('The discovery document has no https address of keys')
  return address
}

/** Fetches a text of limited size, without following redirects. */
async function fetchText(address: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(address, { redirect: 'error', signal, headers: { accept: 'application/json' } })
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop cancels the rest.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (response.status !== 200 || bytes > MOST_BYTES) break
    chunks.push(chunk)
  }
  if (response.status !== 200) throw new Error(`The issuer answered ${response.status}`)
  if (bytes > MOST_BYTES) throw new Error(`The issuer answered more than ${MOST_BYTES} bytes`)
  return Buffer.concat(chunks).toString()
}
