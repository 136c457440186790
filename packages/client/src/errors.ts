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
  /** In English, for developers and logs. It may change: go by `appCode`. */
  message: string
  /**
   * The same call may succeed later. The client has already retried as often as `retry` says. A mutation
   * may have been applied: repeat it with the same `mutationId`.
   */
  retryable: boolean
  /** The id with which the mutation was sent, set by you or by the client; undefined for other calls. */
  mutationId: string | undefined
}
interface ServiceFailure extends Common {
  /** The id of the request in the operator's log; empty if the service did not reply. */
  requestId: string
  httpStatus: number
  /** Milliseconds to wait before the next attempt, if the service says so. */
  retryAfterMs: number | undefined
}
type WithCurrent = 'REVISION_CONFLICT' | 'ALREADY_EXISTS' | 'IN_TRASH'

/** Why a call failed: a closed union by `appCode`, so that a switch over it can be exhaustive. */
export type Failure =
  /**
   * `fields` says what is wrong in the input, or which id does not exist. A `path` has dots, such as `changes.title`.
   */
  | (ServiceFailure & { appCode: 'VALIDATION' | 'NOT_FOUND'; fields: FieldError[] })
  /** `current` is the row as it is now, if there is one. */
  | (ServiceFailure & { appCode: WithCurrent; current: Task | List | undefined })
  /** The mutation was applied before, and its reply is no longer kept: treat it as success, and read again. */
  | (ServiceFailure & { appCode: 'MUTATION_APPLIED'; revision: number })
  | (ServiceFailure & { appCode: Exclude<KnownAppCode, WithCurrent | 'VALIDATION' | 'NOT_FOUND' | 'MUTATION_APPLIED'> })
  /** A code of a newer service, unknown to this version: go by tRPC's `code` or the HTTP status. */
  | (ServiceFailure & { appCode: 'OTHER'; code: string })
  /** The service did not reply: it is unknown whether a mutation was applied. The error's `cause` says more. */
  | (Common & { appCode: 'NETWORK' })
  /** `token()` threw or rejected, with the error's `cause`; nothing was sent. */
  | (Common & { appCode: 'TOKEN' })
  /** The caller's signal aborted the call. A mutation that was sent may have been applied. */
  | (Common & { appCode: 'ABORTED' })

/** The codes of failures in the client, without data from the service. */
type ClientCode = Exclude<Failure['appCode'], KnownAppCode | 'OTHER'>
/** What a TaskwireError is made from: the service's error, or a failure in the client. */
export type ErrorSource = ErrorShape | { appCode: ClientCode; retryable: boolean; retryAfterMs?: number | undefined }

/** An error of tRPC, which its `isTRPCClientError` accepts. */
interface CallError extends Error {
  /** The service's error. */
  readonly data: AppErrorData | undefined
  readonly shape: ErrorShape | undefined
}
// It is such a class, for which tRPC's types would need those of Node.
const CallErrorClass = TRPCClientError as unknown as new (
  message: string,
  options: { cause: unknown; result?: { error: ErrorShape } },
) => CallError

// Shared by all loaded copies of this package; `instanceof` knows only the class of its own copy.
const BRAND = Symbol.for('taskwire.TaskwireError')

/**
 * The error with which every call rejects. `data` is the service's error; `cause` is the underlying error: what `fetch`
 * threw, or the reason of your signal. `failureOf` returns the same as a closed union.
 */
export class TaskwireError extends CallErrorClass {
  override name = 'TaskwireError'
  /** Why the call failed; OTHER for a code of a newer service. */
  readonly appCode: Failure['appCode']
  /** The same call may succeed later; repeat a mutation with the same `mutationId`. */
  readonly retryable: boolean
  /** The id with which the mutation was sent, set by you or by the client; undefined for other calls. */
  readonly mutationId: string | undefined
  /** The id of the request in the operator's log; undefined if the service did not reply. */
  readonly requestId: string | undefined
  readonly httpStatus: number | undefined
  /** Milliseconds to wait before the next attempt, if the service says so. */
  readonly retryAfterMs: number | undefined
  /**
   * With VALIDATION: what is wrong in the input. With NOT_FOUND: which id does not exist. A `path` has dots, such as
   * `changes.title`.
   */
  readonly fields: FieldError[]
  /** With REVISION_CONFLICT, ALREADY_EXISTS and IN_TRASH: the row as it is now, if there is one. */
  readonly current: Task | List | undefined
  /** With MUTATION_APPLIED: the space's head when the mutation was applied. */
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
    // By the contract it is a Task or a List.
    this.current = data?.current as Task | List | undefined
    this.revision = data?.revision
  }
}

function appCodeOf({ appCode }: AppErrorData): KnownAppCode | 'OTHER' {
  return Object.hasOwn(APP_CODES, appCode) ? (appCode as KnownAppCode) : 'OTHER'
}

/** True for an error of a call of this client, also of another copy of this package. */
export function isTaskwireError(error: unknown): error is TaskwireError {
  return error instanceof TaskwireError || (error instanceof Error && BRAND in error)
}

/**
 * Returns why a call failed. It throws any other error again, such as a mistake in your own code, so that it can be the
 * first statement of a `catch`.
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

/** Returns what an error was made from. */
export function sourceOf({ shape, appCode, retryable, retryAfterMs }: TaskwireError): ErrorSource {
  // Without a shape it is a failure in the client.
  return shape ?? { appCode: appCode as ClientCode, retryable, retryAfterMs }
}

/** Returns the same error for one mutation: the calls of a request may share an error, but each has its own id. */
export function errorOfMutation(error: TaskwireError, mutationId: string): TaskwireError {
  return new TaskwireError(error.message, sourceOf(error), error.cause, mutationId)
}

/** Converts what was thrown while calling the service; anything unknown becomes NETWORK. */
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

/** The service did not respond in time. */
export function timedOut(milliseconds: number): TaskwireError {
  const message = `No response within ${milliseconds} ms`
  return clientError('TIMEOUT', message, { cause: new DOMException(message, 'TimeoutError') })
}

/** The caller's signal aborted the call; `cause` is its reason. */
export function aborted(reason: unknown): TaskwireError {
  // The reason of AbortSignal.timeout().
  if ((reason as { name?: unknown } | null | undefined)?.name === 'TimeoutError')
    return clientError('TIMEOUT', "No response before the signal's timeout", { cause: reason })
  return new TaskwireError('The call was aborted', { appCode: 'ABORTED', retryable: false }, reason)
}

// What fetch throws without a response, in Node and in browsers; these errors have no class or code of their own.
const NO_RESPONSE = /^(fetch failed|failed to fetch|networkerror when|load failed|network request failed)/i

/** `token()` threw `cause`. Retryable if `cause` says so, or came from a fetch without a response. */
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
