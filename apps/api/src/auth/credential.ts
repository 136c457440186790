import { hash } from 'node:crypto'

const COOKIE = 'taskwire.session_token'

/**
 * The name of the session cookie. `secure`: for HTTPS only. A service reads only the name that it sets: browsers accept
 * a cookie with the prefix `__Secure-` only over HTTPS, so nobody can plant one by plain HTTP.
 */
export const cookieName = (secure: boolean): string => (secure ? `__Secure-${COOKIE}` : COOKIE)

export interface Credential {
  kind: 'bearer' | 'cookie'
  /** A session token. As a bearer, it may also be a key, or a JWT of an issuer. */
  token: string
}

interface Headers {
  authorization?: string | undefined
  cookie?: string | undefined
}

/** The bearer token of a request. */
export function bearerOf({ authorization = '' }: Headers): Credential | undefined {
  const token = /^bearer (.*)$/is.exec(authorization)?.[1]?.trim()
  return token ? { kind: 'bearer', token } : undefined
}

function cookieOf({ cookie = '' }: Headers, name: string | null): Credential | undefined {
  if (name === null) return undefined
  const cookies = cookie.split(';').map((one) => one.trim())
  const token = cookies.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  return /^[A-Za-z0-9]+$/.test(token) ? { kind: 'cookie', token } : undefined
}

/**
 * The credential that authenticates a request: a bearer token before a cookie. `cookie`: the name of the session cookie;
 * null if the service sets none.
 */
export function credentialOf(headers: Headers, cookie: string | null): Credential | undefined {
  return bearerOf(headers) ?? cookieOf(headers, cookie)
}

/** All credentials of a request, at most two. */
export function credentialsOf(headers: Headers, cookie: string): Credential[] {
  return [bearerOf(headers), cookieOf(headers, cookie)].filter((credential) => credential !== undefined)
}

// The shapes of session tokens (newSession) and of keys (newSecret).
const SHAPES = [/^[A-Za-z0-9]{32}$/, /^tw_(key|service)_[\w-]{43}$/]

/** Returns false for text that cannot be a credential of this service. */
export function isWellFormed(token: string): boolean {
  return SHAPES.some((shape) => shape.test(token))
}

export function isServiceKey(token: string): boolean {
  return token.startsWith('tw_service_')
}

/** The SHA-256 of a session's token or of a key, as the database stores it. */
export function credentialHash(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

// The longest lifetime that browsers accept. The session itself expires by its row, which is extended during use.
const COOKIE_SECONDS = 400 * 24 * 60 * 60

/** Returns the Set-Cookie header for a token; without one, the header that deletes the cookie. `secure`: HTTPS only. */
export function sessionCookie(secure: boolean, token?: string): string {
  const flag = secure ? ' Secure;' : ''
  return `${cookieName(secure)}=${token ?? ''}; Max-Age=${token === undefined ? 0 : COOKIE_SECONDS}; Path=/; HttpOnly;${flag} SameSite=Lax`
}
