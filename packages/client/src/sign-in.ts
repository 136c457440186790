import { APP_CODES, type AppErrorData, type FieldError, type KnownAppCode } from '@taskwire/contract/errors'
import { LIMITS } from '@taskwire/contract/limits'
import { aborted, saidOf, TaskwireError, taskwireError } from './errors.ts'
import { isRefused, refusalOf, retryAfterMs, unreadable } from './http.ts'
import { baseOf, type Fetch, jsonOf, requireHeader } from './send.ts'

/** What signing in gives; a browser has the session cookie besides. */
export interface SignedIn {
  /** For `createClient({ token })`; a page does not need it, and should not keep it. */
  token: string
  user: { id: string; email: string; name: string }
}

/**
 * Signing in, up or out was refused, or no answer came. As with every TaskwireError `appCode` says
 * why: UNAUTHENTICATED is a wrong e-mail address or password, ALREADY_EXISTS an address in use.
 */
export class SignInError extends TaskwireError {
  override name = 'SignInError'
  /** The HTTP status: 401 for a wrong e-mail address or password, 422 for an address in use; 0 where no answer came. */
  readonly status: number
  /** The sign-in's own code, such as INVALID_EMAIL_OR_PASSWORD; that of the failure where it has none. */
  readonly code: string

  constructor(failure: TaskwireError, status: number, code: string) {
    super(failure.message, saidOf(failure), failure.cause)
    this.status = status
    this.code = code
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

export interface SignUpInput extends SignInInput {
  /** 1 to 100 characters. */
  name: string
  /** Of the account, in IANA's name, such as `Europe/Berlin`; the runtime's where it has one. */
  timeZone?: string | undefined
}

interface Posted {
  body?: object
  token?: string | undefined
}

/**
 * Makes an account and a session.
 * @throws SignInError
 */
export async function signUp({
  email,
  password,
  name,
  timeZone = ownTimeZone(),
  ...to
}: SignUpInput): Promise<SignedIn> {
  // Undefined is left out.
  return (await post('sign-up/email', to, { body: { email, password, name, timeZone } })) as SignedIn
}

/**
 * Makes a session of seven days, which its use extends.
 * @throws SignInError
 */
export async function signIn({ email, password, ...to }: SignInInput): Promise<SignedIn> {
  return (await post('sign-in/email', to, { body: { email, password } })) as SignedIn
}

/**
 * Ends a session from the next call on: the token's alone, or without one the browser's. One that has
 * ended already is no failure.
 * @throws SignInError
 */
export async function signOut({ token, ...to }: RequestOptions & { token?: string | undefined }): Promise<void> {
  try {
    await post('sign-out', to, { token })
  } catch (error) {
    if (!(error instanceof SignInError && error.appCode === 'UNAUTHENTICATED')) throw error
  }
}

/** The runtime's, where it is a place of IANA's: not an offset, nor what stands for none. */
function ownTimeZone(): string | undefined {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string }
  return timeZone !== undefined && /^(UTC$|(?!Etc\/Unknown$)[A-Za-z]+\/)/.test(timeZone) ? timeZone : undefined
}

/** Not sent again after a failure: a sign-up may have been done, and tries are counted. */
async function post(path: string, to: RequestOptions, { body, token }: Posted): Promise<unknown> {
  const address = `${baseOf(to.url)}/auth/${path}`
  const signal = to.signal ?? AbortSignal.timeout(LIMITS.callMs + 2000)
  let response: Response
  let text: string
  try {
    requireHeader(token, 'UNAUTHENTICATED', 'The token')
    response = await (to.fetch ?? globalThis.fetch)(address, {
      method: 'POST',
      // A cookie beside the token would name a second session.
      credentials: token === undefined ? 'include' : 'omit',
      signal,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: jsonOf(() => body) }),
    })
    text = await response.text()
  } catch (thrown) {
    const failure = signal.aborted ? aborted(signal.reason) : taskwireError(thrown)
    throw new SignInError(failure, 0, failure.appCode)
  }
  const answer = parse(text)
  if (response.ok && answer !== undefined) return answer
  throw refused(response, path, answer)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const APP_CODE: Record<string, KnownAppCode> = {
  INVALID_EMAIL_OR_PASSWORD: 'UNAUTHENTICATED',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: 'ALREADY_EXISTS',
}

/** As the sign-in says it; what the service refuses before that has the shape of a call's refusal. */
interface Told {
  code?: unknown
  message?: string
  fields?: FieldError[]
}

function refused(response: Response, path: string, answer: unknown): SignInError {
  const { status, headers } = response
  if (isRefused(answer)) return new SignInError(refusalOf(answer, path, response), status, answer.error.data.appCode)
  const { code, message = `The service answered with status ${status}`, fields } = (answer ?? {}) as Told
  if (typeof code !== 'string') return new SignInError(unreadable(response), status, 'UNKNOWN')
  const appCode = APP_CODE[code] ?? code
  const known = Object.hasOwn(APP_CODES, appCode) ? APP_CODES[appCode as KnownAppCode] : undefined
  const wait = retryAfterMs(headers)
  const data: AppErrorData = {
    code: known?.code ?? code,
    httpStatus: status,
    appCode,
    requestId: headers.get('x-request-id') ?? '',
    retryable: known?.retryable ?? status >= 500,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(fields === undefined ? {} : { fields }),
  }
  return new SignInError(new TaskwireError(message, { message, code: -32_600, data }), status, code)
}
