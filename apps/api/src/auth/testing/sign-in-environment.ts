import { createClient, openStatements } from '@taskwire/db'
import { createTestDatabase, PATIENT } from '@taskwire/db/testing'
import { expect } from 'vitest'
import { createSignIn, type SignIn, type SignInOptions } from '../sign-in.ts'

export const ORIGIN = 'https://tasks.example.com'
export const PASSWORD = 'correct horse'

export interface Sent {
  method?: string
  body?: unknown
  /** Sent unchanged, instead of `body`. */
  raw?: string | Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
  to?: SignIn
}

export interface Received {
  status: number
  text: string
  /** The JSON, undefined if there is none. */
  body: unknown
  headers: Response['headers']
  cookie: string
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
export const cookieOf = (setCookie: string) => ({ cookie: setCookie.slice(0, setCookie.indexOf(';')) })

/** Starts a sign-in on a database of its own, with cheap hashes and without limits. `admin` is a superuser. */
export async function startSignIn() {
  const database = await createTestDatabase()
  const { query, end } = openStatements({ address: database.auth, applicationName: 'sign-in-test', max: 5, ...PATIENT })
  const admin = createClient({ address: database.admin, applicationName: 'sign-in-test' })
  const logged: string[] = []
  let users = 0

  function signIn(changes: Partial<SignInOptions> = {}) {
    return createSignIn({
      query,
      secret: 'k7Hq2mVx9RzT4bWc6JdLpY3sNfGe8uAa',
      baseUrl: ORIGIN,
      trustedOrigins: ['https://app.example.com'],
      secureCookies: false,
      rateLimit: { enabled: false },
      hashing: { N: 2, r: 1, p: 1 },
      log: (level, message, details) => logged.push(JSON.stringify({ level, message, details })),
      ...changes,
    })
  }
  const service = signIn()

  async function send(
    path: string,
    { method = 'POST', body, raw, headers = {}, to = service }: Sent = {},
  ): Promise<Received> {
    const sent = raw ?? (body === undefined ? null : JSON.stringify(body))
    const json = sent === null ? {} : { 'content-type': 'application/json' }
    const request = new Request(`http://any.host/auth/${path}`, {
      method,
      body: sent,
      headers: { ...json, ...headers },
    })
    const response = await to.handle(request, '192.0.2.1')
    const text = await response.text()
    return {
      status: response.status,
      text,
      body: text === '' ? undefined : JSON.parse(text),
      headers: response.headers,
      cookie: response.headers.getSetCookie()[0] ?? '',
    }
  }

  const getSession = async (headers: Record<string, string>, to = service) =>
    await send('get-session', { method: 'GET', headers, to })

  /** Signs up a new account. */
  async function signUpUser() {
    const email = `user${++users}@example.com`
    const { cookie, ...reply } = await send('sign-up/email', { body: { email, password: PASSWORD, name: 'Ann' } })
    expect(reply.status).toBe(200)
    // Asserted by sign-up.db.test.ts.
    const { token, user } = reply.body as { token: string; user: { id: string } }
    return { email, token, id: user.id, cookie: cookieOf(cookie) }
  }

  async function count(table: 'users' | 'accounts' | 'sessions', email: string): Promise<number> {
    const key = table === 'users' ? 'id' : 'user_id'
    const rows = await admin`
      select 1 from ${admin(`auth.${table}`)} where ${admin(key)} in (select id from auth.users where email = ${email})`
    return rows.length
  }

  return {
    address: database.auth,
    query,
    admin,
    logged,
    signIn,
    service,
    send,
    getSession,
    signUpUser,
    count,
    async [Symbol.asyncDispose]() {
      await Promise.all([end(), admin.end({ timeout: 5 })])
      await database[Symbol.asyncDispose]()
    },
  }
}
