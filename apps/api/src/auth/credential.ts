import { hash } from 'node:crypto'

const COOKIE = 'taskwire.session_token'
const SECURE_COOKIE = `__Secure-${COOKIE}`

export interface Credential {
  kind: 'bearer' | 'cookie'
  /** A session token. As a bearer, it may also be a key, or a JWT of an issuer. */
  token: string
}

interface Headers {
  authorization?: string | undefined
  cookie?: string | undefined
}

function bearerOf({ authorization = '' }: Headers): Credential | undefined {
  const token = /^bearer (.*)$/is.exec(authorization)?.[1]?.trim()
  return token ? { kind: 'bearer', token } : undefined
}

/** The session cookies, at most one of each name. */
function cookiesOf({ cookie = '' }: Headers): Credential[] {
  const cookies = cookie.split(';').map((one) => one.trim())
  return [SECURE_COOKIE, COOKIE].flatMap((name): Credential[] => {
    const token = cookies.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
    return /^[A-Za-z0-9]+$/.test(token) ? [{ kind: 'cookie', token }] : []
  })
}

/** The credential that authenticates a request: a bearer token before a cookie. */
export function credentialOf(headers: Headers): Credential | undefined {
  return bearerOf(headers) ?? cookiesOf(headers)[0]
}

/** All credentials of a request, at most three. */
export function credentialsOf(headers: Headers): Credential[] {
  const bearer = bearerOf(headers)
  return [...(bearer ? [bearer] : []), ...cookiesOf(headers)]
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
  const [name, flag] = secure ? [SECURE_COOKIE, ' Secure;'] : [COOKIE, '']
  return `${name}=${token ?? ''}; Max-Age=${token === undefined ? 0 : COOKIE_SECONDS}; Path=/; HttpOnly;${flag} SameSite=Lax`
}
