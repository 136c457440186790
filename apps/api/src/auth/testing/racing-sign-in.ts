import { createClient, openStatements } from '@taskwire/db'
import { createTestDatabase, PATIENT } from '@taskwire/db/testing'
import { expect } from 'vitest'
import { credentialHash } from '../credential.ts'
import { createSignIn, type SignIn, type SignInOptions } from '../sign-in.ts'

export const [OLD, NEW] = ['correct horse', 'battery staple']

export interface Sent {
  to?: SignIn
  token?: string
  from?: string
}

/** Starts a sign-in for concurrent requests of one account. Hashing is cheap, so that they overlap more often. */
export async function startRacingSignIn() {
  const database = await createTestDatabase()
  const admin = createClient({ address: database.admin, applicationName: 'taskwire-test' })
  const statements = openStatements({ address: database.auth, applicationName: 'taskwire-test', max: 8, ...PATIENT })
  let accounts = 0

  const create = (changes: Partial<SignInOptions> = {}) =>
    createSignIn({
      query: statements.query,
      secret: 'k7Hq2mVx9RzT4bWc6JdLpY3sNfGe8uAa',
      baseUrl: 'https://tasks.example.com',
      trustedOrigins: [],
      secureCookies: false,
      rateLimit: { enabled: false },
      hashing: { N: 2, r: 1, p: 1 },
      log: () => {},
      ...changes,
    })
  const service = create()

  async function send(path: string, body: object | undefined, { to = service, token, from = '192.0.2.1' }: Sent = {}) {
    const request = new Request(`https://tasks.example.com/auth/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const response = await to.handle(request, from)
    // Asserted by its use.
    const reply = (await response.json()) as { token?: string; code?: string }
    return { status: response.status, code: reply.code, token: reply.token }
  }

  async function account(): Promise<{ email: string; token: string }> {
    const email = `account${++accounts}@example.com`
    const { status, token = '' } = await send('sign-up/email', { email, password: OLD, name: 'Ann' })
    expect(status).toBe(200)
    return { email, token }
  }

  /** Returns how many of these tokens belong to a session. */
  async function countSessions(tokens: (string | undefined)[]): Promise<number> {
    const rows = await admin<{ hash: string }[]>`select encode(token_hash, 'hex') as hash from auth.sessions`
    const hashes = new Set(rows.map(({ hash }) => hash))
    return tokens.filter((token) => token !== undefined && hashes.has(credentialHash(token).toString('hex'))).length
  }

  return {
    database,
    admin,
    statements,
    create,
    send,
    account,
    countSessions,
    signIn: async (email: string, password: string, sent: Sent = {}) =>
      await send('sign-in/email', { email, password }, sent),
    change: async (token: string, newPassword = NEW, sent: Sent = {}) =>
      await send('change-password', { currentPassword: OLD, newPassword }, { ...sent, token }),
    async [Symbol.asyncDispose]() {
      await Promise.all([statements.end(), admin.end({ timeout: 5 })])
      await database[Symbol.asyncDispose]()
    },
  }
}
