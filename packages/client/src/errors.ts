import { APP_CODES, type AppErrorData, type FieldError, type KnownAppCode } from '@taskwire/contract/errors'
import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import { TRPCClientError } from '@trpc/client'

/** An error as it is sent over HTTP. */
export interface ErrorShape {
  message: string
  code: number
  data: AppErrorData
}

interface Common {
  /** In English, for developers and logs. The text may change, so your code should check `appCode` instead. */
  message: string
  /**
   * True if the same call may succeed later. The client has already retried it as often as `retry` says. A mutation may
   * have been applied: repeat it with the same `mutationId`.
   */
  retryable: boolean
  /** The id with which the mutation was sent, set by you or by the client; undefined for other calls. */
  mutationId: string | undefined
}
interface ServiceFailure extends Common {
  /** The id of the request in the service's log; empty if the service did not reply. */
  requestId: string
  httpStatus: number
  /** Milliseconds to wait before the next attempt, if the service says so. */
  retryAfterMs: number | undefined
}
type WithCurrent = 'REVISION_CONFLICT' | 'ALREADY_EXISTS' | 'IN_TRASH'

/** Why a call failed: a closed union by `appCode`, so that a switch over it can be exhaustive. */
export type Failure =
  /**
   * `fields` says what is wrong in the input, or which id does not exist. A `path` is written `changes.title`.
   */
  | (ServiceFailure & { appCode: 'VALIDATION' | 'NOT_FOUND'; fields: FieldError[] })
  /** `current` is the row as it is now, if there is one. */
  | (ServiceFailure & { appCode: WithCurrent; current: Task | List | undefined })
  /** The mutation was applied before, and its reply is no longer kept: treat it as success, and read again. */
  | (ServiceFailure & { appCode: 'MUTATION_APPLIED'; revision: number })
  | (ServiceFailure & { appCode: Exclude<KnownAppCode, WithCurrent | 'VALIDATION' | 'NOT_FOUND' | 'MUTATION_APPLIED'> })
  /** A code of a newer service, unknown to this version: use tRPC's `code` or the HTTP status. */
  | (ServiceFailure & { appCode: 'OTHER'; code: string })
  /** The service did not reply: it is unknown whether a mutation was applied. The error's `cause` says more. */
  | (Common & { appCode: 'NETWORK' })
  /** `token()` threw or rejected with the error's `cause`; nothing was sent. */
  | (Common & { appCode: 'TOKEN' })
  /** The caller's signal aborted the call. A mutation that was sent may have been applied. */
  | (Common & { appCode: 'ABORTED' })

/** The codes of failures in the client, without data from the service. */
type ClientCode = Exclude<Failure['appCode'], KnownAppCode | 'OTHER'>
/** What a TaskwireError is made from: the service's error, or a failure in the client. */
export type ErrorSource = ErrorShape | { appCode: ClientCode; retryable: boolean; retryAfterMs?: number | undefined }

/** An error of tRPC's class, so that `isTRPCClientError` of tRPC accepts it. */
interface CallError extends Error {
  /** The service's error. */
  readonly data: AppErrorData | undefined
  readonly shape: ErrorShape | undefined
}
// The cast keeps tRPC's types, which need the types of Node, out of the declarations.
const CallErrorClass = TRPCClientError as unknown as new (
  message: string,
  options: { cause: unknown; result?: { error: ErrorShape } },
) => CallError

// All loaded copies of this package share this symbol; `instanceof` knows only the class of its own copy.
const BRAND = Symbol.for('taskwire.TaskwireError')

/**
 * The error with which every call rejects. `data` is the service's error. `cause` is the underlying error, such as what
 * `fetch` threw or the reason of your signal. `failureOf` returns the same information as a closed union.
 */
export class TaskwireError extends CallErrorClass {
  override name = 'TaskwireError'
  /** Why the call failed; OTHER for a code of a newer service. */
  readonly appCode: Failure['appCode']
  /** True if the same call may succeed later; repeat a mutation with the same `mutationId`. */
  readonly retryable: boolean
  /** The id with which the mutation was sent, set by you or by the client; undefined for other calls. */
  readonly mutationId: string | undefined
  /** The id of the request in the service's log; undefined if the service did not reply. */
  readonly requestId: string | undefined
  readonly httpStatus: number | undefined
  /** Milliseconds to wait before the next attempt, if the service says so. */
  readonly retryAfterMs: number | undefined
  /**
   * With VALIDATION: what is wrong in the input. With NOT_FOUND: which id does not exist. A `path` is written
   * `changes.title`.
   */
  readonly fields: FieldError[]
  /** With REVISION_CONFLICT, ALREADY_EXISTS and IN_TRASH: the row as it is now, if there is one. */
  readonly current: Task | List | undefined
  /** With MUTATION_APPLIED: the space's latest revision when the mutation was applied. */
  readonly revision: number | undefined

  constructor(message: string, source: ErrorSource, cause?: unknown, mutationId?: string) {
    const data = 'data' in source ? source.data : undefined
    super(message, {
      cause,
      ...('data' in source && { result: { error: { ...source, message } } }),
    })
    // tRPC's constructor sets the prototype to its own class.
    Object.setPrototypeOf(this, new.target.prototype)
    Object.defineProperty(this, BRAND, { value: true })
    const { retryable, retryAfterMs } = 'data' in source ? source.data : source
    this.appCode = 'data' in source ? appCodeOf(source.data) : source.appCode
    this.retryable = retryable
    this.mutationId = mutationId
    this.retryAfterMs = retryAfterMs
    this.requestId = data?.requestId === '' ? undefined : data?.requestId
    this.httpStatus = data?.httpStatus
    this.fields = data?.fields ?? []
    // The contract says that it is a Task or a List.
    this.current = data?.current as Task | List | undefined
    this.revision = data?.revision
  }
}

function appCodeOf({ appCode }: AppErrorData): KnownAppCode | 'OTHER' {
  return Object.hasOwn(APP_CODES, appCode) ? (appCode as KnownAppCode) : 'OTHER'
}

/** True for an error with which a call rejected, even if another copy of this package made the error. */
export function isTaskwireError(error: unknown): error is TaskwireError {
  return error instanceof TaskwireError || (error instanceof Error && BRAND in error)
}

/**
 * Returns why a call failed. If `error` did not come from a call, but for example from a mistake in your own code,
 * `failureOf` throws it again. So you can use it as the first statement of a `catch`.
 */
export function failureOf(error: unknown): Failure {
  if (!isTaskwireError(error)) throw error
  const { appCode, message, retryable, mutationId, requestId = '', httpStatus = 0, retryAfterMs, data } = error
  const common = { message, requestId, httpStatus, retryable, mutationId, retryAfterMs }
  switch (appCode) {
    case 'NETWORK':
    case 'TOKEN':
    case 'ABORTED':
      return { appCode, message, retryable, mutationId }
    case 'OTHER':
      return { ...common, appCode, code: data?.code ?? '' }
    case 'VALIDATION':
    case 'NOT_FOUND':
      return { ...common, appCode, fields: error.fields }
    case 'REVISION_CONFLICT':
    case 'ALREADY_EXISTS':
    case 'IN_TRASH':
      return { ...common, appCode, current: error.current }
    case 'MUTATION_APPLIED':
      return { ...common, appCode, revision: error.revision ?? 0 }
    default:
      return { ...common, appCode }
  }
}

/** Returns the source from which an error was made. */
export function sourceOf({ shape, appCode, retryable, retryAfterMs }: TaskwireError): ErrorSource {
  // An error without a shape is a failure in the client.
  return shape ?? { appCode: appCode as ClientCode, retryable, retryAfterMs }
}

/** Returns a copy of the error with the id of one mutation: the calls of one request may share an error. */
export function errorOfMutation(error: TaskwireError, mutationId: string): TaskwireError {
  return new TaskwireError(error.message, sourceOf(error), error.cause, mutationId)
}

/** Converts a value that was thrown during a call. Any value but a TaskwireError becomes NETWORK. */
export function taskwireError(thrown: unknown): TaskwireError {
  if (thrown instanceof TaskwireError) return thrown
  return new TaskwireError(messageOf(thrown), { appCode: 'NETWORK', retryable: true }, thrown)
}

/** Creates an error of the client's own with a code of the contract. */
export function clientError(
  appCode: 'VALIDATION' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'LIMIT_EXCEEDED' | 'TIMEOUT',
  message: string,
  { cause, fields }: { cause?: unknown; fields?: FieldError[] } = {},
): TaskwireError {
  const { code, httpStatus, retryable } = APP_CODES[appCode]
  const data = { code, httpStatus, retryable, appCode, requestId: '', ...(fields && { fields }) }
  return new TaskwireError(message, { message, code: -32_600, data }, cause)
}

/** Creates the error for a service that did not respond in time. */
export function timedOut(milliseconds: number): TaskwireError {
  const message = `No response within ${milliseconds} ms`
  return clientError('TIMEOUT', message, { cause: new DOMException(message, 'TimeoutError') })
}

/** Creates the error for a call that the caller's signal aborted; its `cause` is the signal's reason. */
export function aborted(reason: unknown): TaskwireError {
  // AbortSignal.timeout() aborts with this reason.
  if ((reason as { name?: unknown } | null | undefined)?.name === 'TimeoutError')
    return clientError('TIMEOUT', "No response before the signal's timeout", { cause: reason })
  return new TaskwireError('The call was aborted', { appCode: 'ABORTED', retryable: false }, reason)
}

// The messages of fetch without a response, in Node and in browsers. These errors have no class or code of their own.
const NO_RESPONSE = /^(fetch failed|failed to fetch|networkerror when|load failed|network request failed)/i

/**
 * Creates the error for `token()` that threw `cause`. It is retryable if `cause` says so or a fetch got no response.
 */
export function tokenFailed(cause: unknown): TaskwireError {
  const { name, message, retryable, retryAfterMs } = (cause ?? {}) as Record<string, unknown>
  const isRetryable = retryable === true || (name === 'TypeError' && NO_RESPONSE.test(String(message)))
  const delay = typeof retryAfterMs === 'number' ? retryAfterMs : undefined
  const source = { appCode: 'TOKEN', retryable: isRetryable, retryAfterMs: delay } as const
  return new TaskwireError(`token() failed: ${messageOf(cause)}`, source, cause)
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
