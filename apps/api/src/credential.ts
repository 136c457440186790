import { hash } from 'node:crypto'

const COOKIE = 'taskwire.session_token'

export interface Credential {
  kind: 'bearer' | 'cookie'
  /** A session's token; a bearer's may also be a key. */
  token: string
}

/**
 * The credential that a request carries, a bearer's before a cookie's. The cookie's signature is
 * not looked at: the token in it is the secret, and is what the database knows by its hash.
 */
export function credentialOf(headers: {
  authorization?: string | undefined
  cookie?: string | undefined
}): Credential | undefined {
  const given = /^bearer (.*)$/is.exec(headers.authorization ?? '')?.[1]?.trim()
  if (given) return { kind: 'bearer', token: given }
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
  for (const name of [`__Secure-${COOKIE}=`, `${COOKIE}=`]) {
    const value = cookies.find((cookie) => cookie.startsWith(name))?.slice(name.length) ?? ''
    const token = /^([A-Za-z0-9]+)(\.|%2E)/i.exec(value)?.[1]
    if (token !== undefined) return { kind: 'cookie', token }
  }
  return undefined
}

/** sha256 of a session's token or of a key: what the database knows it by. */
export function credentialHash(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
