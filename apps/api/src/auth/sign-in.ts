import { DatabaseError } from '@taskwire/db'
import type { z } from 'zod'
import { credentialsOf } from './credential.ts'
import { AppError } from '../errors.ts'
import { type HashingCost, createPasswordHashing } from './password-hashing.ts'
import { passwordChangeInput, passwordResetInput, readInput, signInInput, signUpInput } from './sign-in-inputs.ts'
import { refuseForeignPage } from './sign-in-origin.ts'
import { changePassword, resetPassword, signIn, signUp } from './sign-in-passwords.ts'
import { refusal, refusalAfter } from './sign-in-replies.ts'
import { endSessions, getSession, type Send, type SignInCall, signOut } from './sign-in-sessions.ts'
import { createSignInAttempts } from './sign-in-attempts.ts'

export interface SignInOptions {
  /** To the database as taskwire_auth, by a pool of its own. */
  query: Send
  /** With which accounts and addresses are hashed where attempts are counted: at least 32 random characters. */
  secret: string
  /** Where browsers reach the service, such as https://tasks.example.com. */
  baseUrl: string
  /** Origins beside `baseUrl` whose pages may sign in. */
  trustedOrigins: string[]
  /** The cookie goes over HTTPS only, and its name begins with `__Secure-`. */
  secureCookies: boolean
  /** On by default: how often a password may be tried, by account and by address. */
  rateLimit?: { enabled: boolean }
  /** For tests: what a hash costs. */
  hashing?: HashingCost | undefined
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

interface Endpoint {
  method: 'GET' | 'POST'
  /** Of the body; without one none is read. */
  input?: z.ZodType
  /** Neither goes by a cookie nor sets one: then it does not matter whose page sends it. */
  cookieless?: boolean
  answer(call: SignInCall, input: unknown): Promise<Response>
}

const withInput = <T>(input: z.ZodType<T>, answer: (call: SignInCall, input: T) => Promise<Response>): Endpoint => ({
  method: 'POST',
  input,
  // As its schema has left it.
  answer: async (call, given) => await answer(call, given as T),
})

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['/auth/sign-up/email', withInput(signUpInput, signUp)],
  ['/auth/sign-in/email', withInput(signInInput, signIn)],
  ['/auth/change-password', withInput(passwordChangeInput, changePassword)],
  ['/auth/reset-password', { ...withInput(passwordResetInput, resetPassword), cookieless: true }],
  ['/auth/get-session', { method: 'GET', answer: getSession }],
  ['/auth/sign-out', { method: 'POST', answer: signOut }],
  ['/auth/revoke-sessions', { method: 'POST', answer: endSessions }],
])

const USER_AGENT_KEPT = 300

/** Opens nothing: connections are the caller's. */
export function createSignIn(options: SignInOptions): SignIn {
  const { query: send, secret, secureCookies, log } = options
  const passwords = createPasswordHashing(options.hashing)
  const tries = createSignInAttempts({ send, secret })
  const limited = options.rateLimit?.enabled ?? true
  const origins = [new URL(options.baseUrl).origin, ...options.trustedOrigins]

  return {
    async handle(request, address) {
      const { headers, method } = request
      const path = new URL(request.url).pathname
      const endpoint = ENDPOINTS.get(path)
      if (!endpoint) return refusal(404, 'NOT_FOUND', 'There is nothing here.')
      if (method !== endpoint.method)
        return refusal(405, 'METHOD_NOT_ALLOWED', `Use ${endpoint.method}.`, { headers: { allow: endpoint.method } })
      const foreign = method === 'POST' && !endpoint.cookieless && refuseForeignPage(headers, origins)
      if (foreign) return foreign
      const input = endpoint.input && (await readInput(request, endpoint.input))
      if (input instanceof Response) return input

      const call: SignInCall = {
        send,
        passwords,
        secureCookies,
        credentials: credentialsOf({
          authorization: headers.get('authorization') ?? '',
          cookie: headers.get('cookie') ?? '',
        }),
        address: address ?? '',
        agent: headers.get('user-agent')?.slice(0, USER_AGENT_KEPT) ?? '',
      }
      const answer = async (): Promise<Response> => await endpoint.answer(call, input)
      try {
        const token = call.credentials[0]?.token
        return limited ? await tries.count({ endpoint: path, body: input, address, token, answer }) : await answer()
      } catch (error) {
        logFailure(error, log)
        return refusalAfter(error)
      }
    },
  }
}

function logFailure(error: unknown, log: SignInOptions['log']): void {
  if (error instanceof AppError) return
  if (error instanceof DatabaseError)
    log('error', `Sign-in: ${error.message}`, { fault: error.fault, constraint: error.constraint })
  else log('error', 'Sign-in: an unexpected error', { error: error instanceof Error ? error.stack : typeof error })
}
