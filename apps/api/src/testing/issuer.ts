import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

/** An issuer of tokens: a server with its discovery document and its keys. */
export interface TestIssuer extends AsyncDisposable {
  url: string
  /** The settings of a service that accepts its tokens. */
  env: Record<string, string>
  /** Requests to the server, by path. */
  requests: string[]
  /** Makes the server answer with this function; without one, the server answers as usual again. */
  answer(by?: (response: ServerResponse, path: string) => void): void
  /**
   * Creates a key, and signs with it from now on. The server lists only this key, or with `keepsOld` the older ones
   * too.
   */
  rotate(options?: { keepsOld?: boolean; alg?: string }): Promise<void>
  /**
   * Signs a token for a user, valid for an hour. `claims` and `header` replace its own; a claim that is null is left
   * out.
   */
  sign(subject: string, claims?: Claims, header?: Record<string, unknown>): Promise<string>
  /** Signs a token by HMAC with this secret, by default the text of the public key. */
  signSymmetrically(subject: string, secret?: string): string
}

type Claims = Record<string, unknown>

export const AUDIENCE = 'https://tasks.example.com'

interface SigningKey {
  kid: string
  alg: string
  privateKey: CryptoKey
  publicKey: CryptoKey
  spki: string
}

async function createKey(alg: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid: randomUUID(), alg, privateKey, publicKey, spki: await exportSPKI(publicKey) }
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export async function startTestIssuer(): Promise<TestIssuer> {
  let keys = [await createKey('ES256')]
  let jwks = ''
  const requests: string[] = []
  let answer: ((response: ServerResponse, path: string) => void) | undefined
  const publish = async (): Promise<void> => {
    const list = keys.map(async ({ kid, alg, publicKey }) => ({
      ...(await exportJWK(publicKey)),
      kid,
      alg,
      use: 'sig',
    }))
    jwks = JSON.stringify({ keys: await Promise.all(list) })
  }
  await publish()
  const server = createServer(({ url: path = '' }, response) => {
    requests.push(path)
    if (answer !== undefined) return answer(response, path)
    response.setHeader('content-type', 'application/json')
    if (path === '/jwks') return response.end(jwks)
    if (path === '/.well-known/openid-configuration')
      return response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` }))
    return response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has such an address.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const signingKey = (): SigningKey => keys.at(-1) as SigningKey
  const now = (): number => Math.floor(Date.now() / 1000)
  const claimsOf = (subject: string, claims: Claims): Claims => {
    const all = { iss: url, aud: AUDIENCE, sub: subject, iat: now(), exp: now() + 3600, ...claims }
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
  }
  return {
    url,
    env: { AUTH_ISSUER: url, AUTH_AUDIENCE: AUDIENCE },
    requests,
    answer: (by) => void (answer = by),
    async rotate({ keepsOld = false, alg = 'ES256' } = {}) {
      const added = await createKey(alg)
      keys = keepsOld ? [...keys, added] : [added]
      await publish()
    },
    async sign(subject, claims = {}, header = {}) {
      const { kid, alg, privateKey } = signingKey()
      // Tests sign claims of wrong types too.
      const payload = claimsOf(subject, claims) as JWTPayload
      return await new SignJWT(payload).setProtectedHeader({ alg, kid, ...header }).sign(privateKey)
    },
    signSymmetrically(subject, secret = signingKey().spki) {
      const signed = `${base64({ alg: 'HS256', kid: signingKey().kid })}.${base64(claimsOf(subject, {}))}`
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Returns the token with another header, and with this signature or the old one. */
export function withHeader(token: string, header: object, signature?: string): string {
  const [, payload = '', old = ''] = token.split('.')
  return `${base64(header)}.${payload}.${signature ?? old}`
}
