import { LIMITS } from '@taskwire/contract'
import { DatabaseError, sql, type SQL, statement } from '@taskwire/db'
import { sessions } from '@taskwire/db/schema'
import { betterAuth } from 'better-auth/minimal'
import { bearer } from 'better-auth/plugins/bearer'
import { and, eq, gt, lt } from 'drizzle-orm'
import { AsyncLocalStorage } from 'node:async_hooks'
import { credentialOf } from './credential.ts'
import { AppError } from './errors.ts'
import { createPasswords } from './passwords.ts'
import { build, type Send, signInAdapter } from './sign-in-adapter.ts'
import { ENDPOINTS, readInput } from './sign-in-inputs.ts'
import { refusal, refusalAfter } from './sign-in-refusals.ts'
import { createTries } from './sign-in-tries.ts'

export interface SignInOptions {
  /** To the database as taskwire_auth, by a pool of its own. */
  query: Send
  /** Signs the cookies: at least 32 random characters. */
  secret: string
  /** Where browsers reach the service, such as https://tasks.example.com. */
  baseUrl: string
  /** Origins beside `baseUrl` whose pages may sign in. */
  trustedOrigins: string[]
  /** The cookie goes over HTTPS only, and its name begins with `__Secure-`. */
  secureCookies: boolean
  /** On by default: how often a password may be tried, by account and by address. */
  rateLimit?: { enabled: boolean }
  /** Gets no secrets, SQL or addresses of people. */
  log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, details?: Record<string, unknown>) => void
}

export interface SignIn {
  /**
   * Answers a request to /auth/*. `clientAddress` is what the rate limit goes by and what is kept
   * with the session; no header is believed about it.
   */
  handle(request: Request, clientAddress?: string): Promise<Response>
}

const DAY = 24 * 60 * 60
const SESSION_DAYS = 7
/** A session in use that has less than this left is extended. */
const EXTENDED_BELOW_DAYS = 6
/** The longest that browsers take: the session ends by its row, which may have been extended since. */
const COOKIE_SECONDS = 400 * DAY
const ADDRESS_HEADER = 'x-taskwire-client-address'
const FORWARDED = ['authorization', 'cookie', 'origin', 'referer', 'sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest']
const USER_AGENT_KEPT = 300
/** Opens nothing: connections are the caller's. */
export function createSignIn(options: SignInOptions): SignIn {
  const { origin } = new URL(options.baseUrl)
  const calls = new AsyncLocalStorage<{ failure: DatabaseError | undefined }>()
  const onFailure = (failure: DatabaseError): void => {
    const call = calls.getStore()
    if (call) call.failure ??= failure
    const { fault, constraint } = failure
    options.log(fault === 'constraint' ? 'warn' : 'error', `Sign-in: ${failure.message}`, { fault, constraint })
  }
  const auth = createLibrary(options, origin, signInAdapter(options.query, onFailure))
  const tries = createTries({ send: options.query, secret: options.secret, onFailure })
  const limited = options.rateLimit?.enabled ?? true

  return {
    async handle(request, clientAddress) {
      const { pathname } = new URL(request.url)
      const endpoint = ENDPOINTS.get(pathname)
      if (!endpoint) return refusal(404, 'NOT_FOUND', 'There is nothing here.')
      const { method, input } = endpoint
      if (request.method !== method)
        return refusal(405, 'METHOD_NOT_ALLOWED', `Use ${method}.`, { headers: { allow: method } })
      const body = input && (await readInput(request, input))
      if (body instanceof Response) return body

      const call: { failure: DatabaseError | undefined } = { failure: undefined }
      try {
        const forwarded = forward(request, new URL(pathname, origin), { body, clientAddress })
        const answer = async (): Promise<Response> => {
          const response = await calls.run(call, () => auth.handler(forwarded))
          // The library takes some failures for an absent row: an answer after one means nothing.
          if (call.failure) throw call.failure
          return response
        }
        const token = credentialOf(Object.fromEntries(forwarded.headers))?.token
        const one = { endpoint: pathname, body, address: clientAddress, token, answer }
        return finished(limited ? await tries.count(one) : await answer())
      } catch (error) {
        if (call.failure) return refusalAfter(call.failure)
        if (!(error instanceof AppError || error instanceof DatabaseError))
          options.log('error', 'Sign-in: an unexpected error', {
            error: error instanceof Error ? error.stack : typeof error,
          })
        return refusalAfter(error)
      }
    },
  }
}

function createLibrary(
  { secret, trustedOrigins, secureCookies, log }: SignInOptions,
  baseURL: string,
  database: ReturnType<typeof signInAdapter>,
) {
  return betterAuth({
    appName: 'Taskwire',
    baseURL,
    basePath: '/auth',
    // Not `secret`, which a variable of the environment would override.
    secrets: [{ version: 1, value: secret }],
    trustedOrigins,
    database,
    emailAndPassword: {
      enabled: true,
      autoSignIn: true,
      // The endpoints' inputs have the limits, in code points; the library counts UTF-16 units.
      minPasswordLength: LIMITS.passwordMin,
      maxPasswordLength: 2 * LIMITS.passwordMax,
      password: createPasswords(),
    },
    session: {
      expiresIn: SESSION_DAYS * DAY,
      updateAge: (SESSION_DAYS - EXTENDED_BELOW_DAYS) * DAY,
      fields: { token: 'tokenHash' },
      // A copy of the session in a cookie would outlive a sign-out.
      cookieCache: { enabled: false },
    },
    plugins: [bearer()],
    advanced: {
      cookiePrefix: 'taskwire',
      useSecureCookies: secureCookies,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      // Stated, since the library turns it off where NODE_ENV is test.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
    // Its own counts in one process alone, and not by account: sign-in-tries.ts does.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    // What it says at info holds e-mail addresses, and what it hands on beside the message SQL.
    // Nor are its errors ours: what fails in the database is told by onFailure. Behind a colon is what was sent.
    logger: { level: 'warn', log: (_level, message) => log('warn', `Sign-in: ${message.split(':', 1)[0]}`) },
    // Errors come back here and not on the console.
    onAPIError: { throw: true },
  })
}

function forward(
  request: Request,
  url: URL,
  { body, clientAddress }: { body: unknown; clientAddress: string | undefined },
): Request {
  const headers = new Headers()
  for (const name of FORWARDED) {
    const value = request.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  const userAgent = request.headers.get('user-agent')
  if (userAgent !== null) headers.set('user-agent', userAgent.slice(0, USER_AGENT_KEPT))
  // The library wants an origin beside every cookie. A browser names it with every POST; who names
  // none is a program, since no page can make a browser leave it out.
  if (!['origin', 'referer', 'sec-fetch-site'].some((name) => headers.has(name))) headers.set('origin', url.origin)
  if (clientAddress !== undefined) headers.set(ADDRESS_HEADER, clientAddress)
  if (body === undefined) return new Request(url, { method: request.method, headers })
  headers.set('content-type', 'application/json')
  return new Request(url, { method: request.method, headers, body: JSON.stringify(body) })
}

function finished(response: Response): Response {
  const headers = new Headers(response.headers)
  headers.set('cache-control', 'no-store')
  // The bearer plugin's copy of the cookie: clients take the token from the body.
  headers.delete('set-auth-token')
  headers.delete('access-control-expose-headers')
  headers.delete('set-cookie')
  for (const cookie of response.headers.getSetCookie())
    headers.append('set-cookie', cookie.replace(`Max-Age=${SESSION_DAYS * DAY};`, `Max-Age=${COOKIE_SECONDS};`))
  return new Response(response.body, { status: response.status, headers })
}

/** Gives a session that has less than six days left seven again. Does nothing to one that has ended. */
export async function extendSession(query: Send, tokenHash: Buffer): Promise<void> {
  const inDays = (days: number): SQL => sql`now() + make_interval(days => ${days}::int)`
  const extension = build
    .update(sessions)
    .set({ expiresAt: inDays(SESSION_DAYS), updatedAt: sql`now()` })
    .where(
      and(
        eq(sessions.tokenHash, tokenHash),
        gt(sessions.expiresAt, sql`now()`),
        lt(sessions.expiresAt, inDays(EXTENDED_BELOW_DAYS)),
      ),
    )
  await query(statement(extension.getSQL()))
}
