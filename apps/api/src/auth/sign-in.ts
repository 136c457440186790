import { DatabaseError } from '@taskwire/db'
import type { z } from 'zod'
import { cookieName, credentialsOf } from './credential.ts'
import { AppError } from '../errors.ts'
import { type HashingCost, createPasswordHashing } from './password-hashing.ts'
import { passwordChangeInput, passwordResetInput, readInput, signInInput, signUpInput } from './sign-in-inputs.ts'
import { refuseForeignPage } from './sign-in-origin.ts'
import { changePassword, resetPassword, signIn, signUp } from './sign-in-passwords.ts'
import { refusal, refusalOf } from './sign-in-replies.ts'
import { endSessions, getSession, type Send, type SignInCall, signOut } from './sign-in-sessions.ts'
import { createSignInAttempts } from './sign-in-attempts.ts'

export interface SignInOptions {
  /** Sends statements as taskwire_auth, over its own pool. */
  query: Send
  /** The key for hashing the e-mail and IP addresses whose attempts are counted: at least 32 random characters. */
  secret: string
  /** The public URL of the service, such as https://tasks.example.com. */
  baseUrl: string
  /** Further origins whose pages may sign in. */
  trustedOrigins: string[]
  /** Whether the cookie is for HTTPS only; its name then begins with `__Secure-`. */
  secureCookies: boolean
  /** The limits on password attempts, by account and IP address; on by default. */
  rateLimit?: { enabled: boolean }
  /** False refuses sign-up, sign-in and every other use of passwords. */
  acceptsPasswords?: boolean
  /** For tests: the scrypt parameters. */
  hashing?: HashingCost | undefined
  /** Receives no secrets, SQL or e-mail addresses. */
  log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, details?: Record<string, unknown>) => void
}

export interface SignIn {
  /**
   * Serves a request to /auth/*. `clientAddress` is the IP address that limits count by and that is stored with a new
   * session; headers are not read for it.
   */
  handle(request: Request, clientAddress?: string): Promise<Response>
}

interface Endpoint {
  method: 'GET' | 'POST'
  /** The schema of the body; without one the body is ignored. */
  input?: z.ZodType
  /** True if the endpoint neither reads nor sets a cookie; pages of any origin may then call it. */
  cookieless?: boolean
  answer(call: SignInCall, input: unknown): Promise<Response>
}

const withInput = <T>(input: z.ZodType<T>, answer: (call: SignInCall, input: T) => Promise<Response>): Endpoint => ({
  method: 'POST',
  input,
  // `given` was parsed by `input`.
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

const NO_PASSWORDS =
  'This service accepts no passwords. Sign in at the identity provider of its users, and send the token that it issues.'

const USER_AGENT_KEPT = 300

/** Opens no connections of its own. */
export function createSignIn(options: SignInOptions): SignIn {
  const { query: send, secret, secureCookies, log, acceptsPasswords = true } = options
  const passwords = createPasswordHashing(options.hashing)
  const attempts = createSignInAttempts({ send, secret })
  const isLimited = options.rateLimit?.enabled ?? true
  const origins = [new URL(options.baseUrl).origin, ...options.trustedOrigins]

  return {
    async handle(request, address) {
      const { headers, method } = request
      const path = new URL(request.url).pathname
      const endpoint = ENDPOINTS.get(path)
      if (!endpoint) return refusal(404, 'NOT_FOUND', 'Nothing is served at this address.')
      if (method !== endpoint.method)
        return refusal(405, 'METHOD_NOT_ALLOWED', `Use ${endpoint.method}.`, { headers: { allow: endpoint.method } })
      // All endpoints with an input take passwords.
      if (endpoint.input !== undefined && !acceptsPasswords) return refusal(403, 'FORBIDDEN', NO_PASSWORDS)
      const foreignPageRefusal = method === 'POST' && !endpoint.cookieless && refuseForeignPage(headers, origins)
      if (foreignPageRefusal) return foreignPageRefusal
      const input = endpoint.input && (await readInput(request, endpoint.input))
      if (input instanceof Response) return input

      const call: SignInCall = {
        send,
        passwords,
        secureCookies,
        credentials: credentialsOf(
          { authorization: headers.get('authorization') ?? '', cookie: headers.get('cookie') ?? '' },
          cookieName(secureCookies),
        ),
        address: address ?? '',
        agent: headers.get('user-agent')?.slice(0, USER_AGENT_KEPT) ?? '',
      }
      const answer = async (): Promise<Response> => await endpoint.answer(call, input)
      try {
        const token = call.credentials[0]?.token
        return isLimited ? await attempts.run({ endpoint: path, body: input, address, token, answer }) : await answer()
      } catch (error) {
        logFailure(error, log)
        return refusalOf(error)
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
