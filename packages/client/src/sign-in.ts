import { APP_CODES, type AppErrorData, type FieldError, type KnownAppCode } from '@taskwire/contract/errors'
import { aborted, sourceOf, TaskwireError, taskwireError } from './errors.ts'
import { isErrorReply, errorOfReply, retryAfterMs, unreadableResponse } from './http.ts'
import { baseUrlOf, type Fetch, fetchFrom, toJson, checkHeader } from './send.ts'
import { TIMEOUT_MS } from './waiting.ts'

/** The result of signing in; a browser also has the session cookie. */
export interface SignedIn {
  /** For `createClient({ token })`. A page of the same site does not need it, and should not keep it. */
  token: string
  user: { id: string; email: string; name: string }
}

/**
 * The error with which signing in, up or out rejects. As in every TaskwireError, `appCode` says why: UNAUTHENTICATED
 * for a wrong e-mail address or password, ALREADY_EXISTS for an e-mail address that is in use.
 */
export class SignInError extends TaskwireError {
  override name = 'SignInError'
  /**
   * The HTTP status: 401 for a wrong e-mail address or password, 422 for an e-mail address that is in use, 0 if there
   * was no response.
   */
  readonly status: number
  /** The code of the sign-in library, such as INVALID_EMAIL_OR_PASSWORD; for any other error, its `appCode`. */
  readonly code: string

  constructor(failure: TaskwireError, status: number, code: string) {
    super(failure.message, sourceOf(failure), failure.cause)
    this.status = status
    this.code = code
  }
}

interface RequestOptions {
  /** The service's URL, as for `createClient`. */
  url: string
  /** Aborts the request. Default: a timeout of 12 seconds. */
  signal?: AbortSignal | undefined
  /** Used instead of the global fetch. */
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
  /** The account's IANA time zone, such as `Europe/Berlin`. Default: the runtime's, if it has one. */
  timeZone?: string | undefined
}

interface Posted {
  body?: object
  token?: string | undefined
}

/**
 * Creates an account and a session.
 * @throws SignInError
 */
export async function signUp({
  email,
  password,
  name,
  timeZone = runtimeTimeZone(),
  ...options
}: SignUpInput): Promise<SignedIn> {
  // JSON omits an undefined time zone.
  return (await post('sign-up/email', options, { body: { email, password, name, timeZone } })) as SignedIn
}

/**
 * Creates a session of seven days, which is extended while it is used.
 * @throws SignInError
 */
export async function signIn({ email, password, ...options }: SignInInput): Promise<SignedIn> {
  return (await post('sign-in/email', options, { body: { email, password } })) as SignedIn
}

/**
 * Ends a session from the next call on: the session of `token`, or, without a token, the browser's session. It is no
 * error if the session has already ended.
 * @throws SignInError
 */
export async function signOut({ token, ...options }: RequestOptions & { token?: string | undefined }): Promise<void> {
  try {
    await post('sign-out', options, { token })
  } catch (error) {
    if (!(error instanceof SignInError && error.appCode === 'UNAUTHENTICATED')) throw error
  }
}

/** Returns the runtime's time zone if it is an IANA name, and not an offset or a placeholder. */
function runtimeTimeZone(): string | undefined {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string }
  return timeZone !== undefined && /^(UTC$|(?!Etc\/Unknown$)[A-Za-z]+\/)/.test(timeZone) ? timeZone : undefined
}

/** Sends a request once. A retry could repeat a sign-up that has succeeded, and the service limits the attempts. */
async function post(path: string, options: RequestOptions, { body, token }: Posted): Promise<unknown> {
  const address = `${baseUrlOf(options.url)}/auth/${path}`
  const signal = options.signal ?? AbortSignal.timeout(TIMEOUT_MS)
  let response: Response
  let text: string
  try {
    checkHeader(token, 'UNAUTHENTICATED', 'The token')
    const init: RequestInit = {
      method: 'POST',
      // The cookie could name another session than the token.
      credentials: token === undefined ? 'include' : 'omit',
      signal,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: toJson(() => body) }),
    }
    response = await fetchFrom(address, init, options.fetch)
    text = await response.text()
  } catch (thrown) {
    const failure = signal.aborted ? aborted(signal.reason) : taskwireError(thrown)
    throw new SignInError(failure, 0, failure.appCode)
  }
  const reply = parse(text)
  if (response.ok && reply !== undefined) return reply
  throw errorOfSignIn(response, path, reply)
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

/**
 * An error of the sign-in library. An error that occurs before the library is called has the shape of a call's error.
 */
interface SignInReply {
  code?: unknown
  message?: string
  fields?: FieldError[]
}

function errorOfSignIn(response: Response, path: string, reply: unknown): SignInError {
  const { status, headers } = response
  if (isErrorReply(reply)) return new SignInError(errorOfReply(reply, path, response), status, reply.error.data.appCode)
  const { code, message = `The service replied with status ${status}`, fields } = (reply ?? {}) as SignInReply
  if (typeof code !== 'string') return new SignInError(unreadableResponse(response), status, 'UNKNOWN')
  const appCode = APP_CODE[code] ?? code
  const known = Object.hasOwn(APP_CODES, appCode) ? APP_CODES[appCode as KnownAppCode] : undefined
  const delay = retryAfterMs(headers)
  const data: AppErrorData = {
    code: known?.code ?? code,
    httpStatus: status,
    appCode,
    requestId: headers.get('x-request-id') ?? '',
    retryable: known?.retryable ?? status >= 500,
    ...(delay === undefined ? {} : { retryAfterMs: delay }),
    ...(fields === undefined ? {} : { fields }),
  }
  return new SignInError(new TaskwireError(message, { message, code: -32_600, data }), status, code)
}
