import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { AppError } from '../errors.ts'
import { isUrlOfKeys, type TokenSettings } from './token-settings.ts'

/** The public keys of an issuer. */
export interface IssuerKeys {
  /** Returns the key that a token names. Throws UNAVAILABLE if the key is unknown and the issuer cannot be reached. */
  find: JWTVerifyGetKey
  /** Changes whenever the keys change. */
  readonly version: number
  /**
   * Fetches the keys in the background if they are old, and returns `version`. To be called for tokens that are accepted
   * without `find`.
   */
  refresh(): number
  /** Fetches the keys, so that the first token need not wait. */
  load(): Promise<void>
}

export interface IssuerKeysOptions extends Pick<TokenSettings, 'issuer' | 'jwksUrl'> {
  times?: Partial<KeyTimes> | undefined
  /** Aborts when the service closes. */
  signal: AbortSignal
  onFailure(error: unknown): void
}

export interface KeyTimes {
  /** The least time between the starts of two fetches, even if tokens name unknown keys. */
  cooldownMs: number
  /** Keys that are older than this are fetched again. They stay in use until the reply arrives. */
  refreshMs: number
  /** The time limit of one fetch, including discovery. */
  timeoutMs: number
}
const TIMES: KeyTimes = { cooldownMs: 10_000, refreshMs: 300_000, timeoutMs: 3000 }

/** The most bytes of a reply of the issuer, after decompression. */
const MOST_BYTES = 256 * 1024

/**
 * Keeps the keys of an issuer. Known keys stay in use while the issuer is slow or unreachable. A key that the issuer no
 * longer lists is dropped by the next fetch that succeeds.
 */
export function createIssuerKeys({ issuer, jwksUrl, times: given, signal, onFailure }: IssuerKeysOptions): IssuerKeys {
  const times = { ...TIMES, ...given }
  let keys: ReturnType<typeof createLocalJWKSet> | undefined
  let [text, version] = ['', 0]
  let keysUrl = jwksUrl
  let attemptedAt = -Infinity
  let hasFailed = false
  let loading: Promise<void> | undefined

  async function fetchKeys(): Promise<void> {
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(times.timeoutMs)])
      keysUrl ??= await discover(issuer, within)
      const found = await fetchText(keysUrl, within)
      // Throws if the reply is not a set of keys.
      keys = createLocalJWKSet(JSON.parse(found) as JSONWebKeySet)
      if (found !== text) version++
      text = found
      hasFailed = false
    } catch (error) {
      hasFailed = true
      // The issuer may have moved its keys, so the next fetch begins with the discovery again.
      keysUrl = jwksUrl
      if (!signal.aborted) onFailure(error)
    }
  }

  /** Fetches the keys. During the cooldown, only waits for a fetch that is in progress. */
  async function load(): Promise<void> {
    if (loading === undefined && performance.now() - attemptedAt >= times.cooldownMs) {
      attemptedAt = performance.now()
      loading = fetchKeys().finally(() => (loading = undefined))
    }
    await loading
  }

  function refresh(): number {
    if (performance.now() - attemptedAt > times.refreshMs) void load()
    return version
  }

  return {
    refresh,
    async find(header, token) {
      if (keys === undefined) await load()
      else refresh()
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

/** Returns the URL of the keys from the issuer's discovery document (OpenID Connect Discovery 1.0). */
async function discover(issuer: string, signal: AbortSignal): Promise<string> {
  const document: unknown = JSON.parse(
    await fetchText(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, signal),
  )
  const { issuer: named, jwks_uri: url } = Object(document) as { issuer?: unknown; jwks_uri?: unknown }
  if (named !== issuer) throw new Error('The discovery document does not name this issuer')
  if (typeof url !== 'string' || !isUrlOfKeys(url, issuer))
    throw new Error('The discovery document names no https URL of keys')
  return url
}

/** Fetches a text of limited size, without following redirects. */
async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal, headers: { accept: 'application/json' } })
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop cancels the rest of the reply.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (response.status !== 200 || bytes > MOST_BYTES) break
    chunks.push(chunk)
  }
  if (response.status !== 200) throw new Error(`The issuer answered ${response.status}`)
  if (bytes > MOST_BYTES) throw new Error(`The issuer answered more than ${MOST_BYTES} bytes`)
  return Buffer.concat(chunks).toString()
}
