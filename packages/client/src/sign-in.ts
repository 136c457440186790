import type { FieldError } from '@taskwire/contract/errors'
import { LIMITS } from '@taskwire/contract/limits'
import { type Fetch, baseOf, isPlainRefusal, retryAfterMs } from './http.ts'

/** What signing in gives; a browser has the session cookie besides. */
export interface SignedIn {
  /** For `createClient({ token })`; a page does not need it, and should not keep it. */
  token: string
  user: { id: string; email: string; name: string }
}

interface SignInErrorOptions {
  status: number
  code: string
  message: string
  fields?: FieldError[] | undefined
  retryAfterMs?: number | undefined
  cause?: unknown
}

/** Signing in, up or out was refused, or no answer came. */
export class SignInError extends Error {
  override name = 'SignInError'
  /**
   * The HTTP status: 400 for an input, 401 for a wrong e-mail address or password, 422 for an
   * address in use, 429 for too many tries, 503 to try later; 0 where no answer came.
   */
  readonly status: number
  /** Such as INVALID_EMAIL_OR_PASSWORD, USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL, VALIDATION; NETWORK where no answer came. */
  readonly code: string
  /** With VALIDATION: what to mend. */
  readonly fields: FieldError[]
  /** Milliseconds to wait before the next try, where the service says. */
  readonly retryAfterMs: number | undefined

  constructor({ status, code, message, fields = [], retryAfterMs, cause }: SignInErrorOptions) {
    super(message, { cause })
    this.status = status
    this.code = code
    this.fields = fields
    this.retryAfterMs = retryAfterMs
  }
}

interface RequestOptions {
  /** Where the service is, as for `createClient`. */
  url: string
  /** Aborts the request; without one it ends after 12 seconds. */
  signal?: AbortSignal | undefined
  /** Instead of the global fetch. */
  fetch?: Fetch | undefined
}

export interface SignInInput extends RequestOptions {
  email: string
  /** 8 to 128 characters. */
  password: string
}

/**
 * Makes an account and a session. The name has 1 to 100 characters.
 * @throws SignInError
 */
export async function signUp({ email, password, name, ...to }: SignInInput & { name: string }): Promise<SignedIn> {
  return (await post('sign-up/email', to, { email, password, name })) as SignedIn
}

/**
 * Makes a session of seven days, which its use extends.
 * @throws SignInError
 */
export async function signIn({ email, password, ...to }: SignInInput): Promise<SignedIn> {
  return (await post('sign-in/email', to, { email, password })) as SignedIn
}

/**
 * Ends a session from the next call on: the token's, or the browser's without one.
 * @throws SignInError
 */
export async function signOut({ token, ...to }: RequestOptions & { token?: string | undefined }): Promise<void> {
  await post('sign-out', to, undefined, token)
}

/** Not sent again after a failure: a sign-up may have been done, and tries are counted. */
async function post(path: string, to: RequestOptions, input?: object, token?: string): Promise<unknown> {
  const address = `${baseOf(to.url)}/auth/${path}`
  let response: Response
  let text: string
  try {
    response = await (to.fetch ?? globalThis.fetch)(address, {
      method: 'POST',
      credentials: 'include',
      signal: to.signal ?? AbortSignal.timeout(LIMITS.callMs + 2000),
      headers: {
        ...(input === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(input === undefined ? {} : { body: JSON.stringify(input) }),
    })
    text = await response.text()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'No answer came'
    throw new SignInError({ status: 0, code: 'NETWORK', message, cause })
  }
  const answer = parse(text)
  if (response.ok && answer !== undefined) return answer
  throw refusalOf(response, answer)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusalOf({ status, headers }: Response, answer: unknown): SignInError {
  const otherwise = { code: 'UNKNOWN', message: `The service answered with status ${status}` }
  const said = isPlainRefusal(answer)
    ? { code: answer.error.data.appCode, message: answer.error.message }
    : ((answer ?? {}) as { code?: string; message?: string; fields?: FieldError[] })
  return new SignInError({ ...otherwise, ...said, status, retryAfterMs: retryAfterMs(headers) })
}
