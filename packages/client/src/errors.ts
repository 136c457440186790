import { APP_CODES, type AppErrorData, type FieldError, type KnownAppCode } from '@taskwire/contract/errors'
import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import { TRPCClientError } from '@trpc/client'
import type { AppRouter, ErrorShape } from './router.ts'

interface Common {
  /** In English, for a developer or a log; it may change: go by `appCode`. */
  message: string
  /**
   * The same call may succeed later. The client has tried already, as often as `retry` says: with
   * a mutation send the same `mutationId`, since this one may have been applied.
   */
  retryable: boolean
}
interface Refusal extends Common {
  /** Of the request, for the operator's log; empty where the service did not answer. */
  requestId: string
  httpStatus: number
  /** Milliseconds to wait before the next try, where the service says. */
  retryAfterMs: number | undefined
}
type WithCurrent = 'REVISION_CONFLICT' | 'ALREADY_EXISTS' | 'IN_TRASH'

/** Why a call failed: a closed union by `appCode`, over which a switch can be exhaustive. */
export type Failure =
  /** `fields` says what to mend, or which id names nothing: `path` in dots, such as `changes.title`. */
  | (Refusal & { appCode: 'VALIDATION' | 'NOT_FOUND'; fields: FieldError[] })
  /** `current` is the row as it is now, where there is one. */
  | (Refusal & { appCode: WithCurrent; current: Task | List | undefined })
  /** The mutation was applied before and its reply is gone: treat as success, and read again. */
  | (Refusal & { appCode: 'MUTATION_APPLIED'; revision: number })
  | (Refusal & { appCode: Exclude<KnownAppCode, WithCurrent | 'VALIDATION' | 'NOT_FOUND' | 'MUTATION_APPLIED'> })
  /** A newer service's, which this version does not know: go by `code`, tRPC's, or the status. */
  | (Refusal & { appCode: 'OTHER'; code: string })
  /** No answer of the service's came: whether a mutation was applied is not known. The error's `cause` says more. */
  | (Common & { appCode: 'NETWORK' })
  /** `token()` threw, or rejected, with what is the error's `cause`; nothing was sent. */
  | (Common & { appCode: 'TOKEN' })
  /** By the caller's own signal. A mutation that had been sent may have been applied. */
  | (Common & { appCode: 'ABORTED' })

/** A code of this side: it has nothing that the service said. */
type OwnCode = Exclude<Failure['appCode'], KnownAppCode | 'OTHER'>
/** What the service said, or the failure on this side. */
export type Said = ErrorShape | { appCode: OwnCode; retryable: boolean; retryAfterMs?: number | undefined }

// Of all copies of this package that are loaded: `instanceof` knows those of its own alone.
const BRAND = Symbol.for('taskwire.TaskwireError')

/**
 * What every call rejects with. `data` is what the service said, `cause` what was beneath: what
 * `fetch` threw, or your signal's reason. `failureOf` gives the same as a closed union.
 */
export class TaskwireError extends TRPCClientError<AppRouter> {
  override name = 'TaskwireError'
  /** Why it failed; OTHER for a code of a newer service. */
  readonly appCode: Failure['appCode']
  /** The same call may succeed later; with a mutation send the same `mutationId`. */
  readonly retryable: boolean
  /** Of the request, for the operator's log; undefined where the service did not answer. */
  readonly requestId: string | undefined
  readonly httpStatus: number | undefined
  /** Milliseconds to wait before the next try, where the service says. */
  readonly retryAfterMs: number | undefined
  /** With VALIDATION: what to mend, `path` in dots, such as `changes.title`. */
  readonly fields: FieldError[]
  /** With REVISION_CONFLICT, ALREADY_EXISTS and IN_TRASH: the row as it is now, where there is one. */
  readonly current: Task | List | undefined
  /** With MUTATION_APPLIED: the head when the mutation was applied. */
  readonly revision: number | undefined

  constructor(message: string, said: Said, cause?: unknown) {
    const data = 'data' in said ? said.data : undefined
    super(message, {
      // It may be anything that was thrown.
      cause: cause as Error,
      ...('data' in said && { result: { error: { ...said, message } } }),
    })
    // tRPC's own constructor takes the class away.
    Object.setPrototypeOf(this, new.target.prototype)
    Object.defineProperty(this, BRAND, { value: true })
    const { retryable, retryAfterMs } = 'data' in said ? said.data : said
    this.appCode = 'data' in said ? codeOf(said.data) : said.appCode
    this.retryable = retryable
    this.retryAfterMs = retryAfterMs
    this.requestId = data?.requestId === '' ? undefined : data?.requestId
    this.httpStatus = data?.httpStatus
    this.fields = data?.fields ?? []
    // The contract says that it is a Task or a List.
    this.current = data?.current as Task | List | undefined
    this.revision = data?.revision
  }
}

function codeOf({ appCode }: AppErrorData): KnownAppCode | 'OTHER' {
  return Object.hasOwn(APP_CODES, appCode) ? (appCode as KnownAppCode) : 'OTHER'
}

/** True for what a call of this client rejected with, be it of another copy of this package. */
export function isTaskwireError(error: unknown): error is TaskwireError {
  return error instanceof TaskwireError || (error instanceof Error && BRAND in error)
}

/**
 * Says why a call failed. What is no failure of a call, such as a mistake in your own code, it
 * throws again: so it can stand first in a `catch`.
 */
export function failureOf(error: unknown): Failure {
  if (!isTaskwireError(error)) throw error
  const { appCode, message, retryable, requestId = '', httpStatus = 0, retryAfterMs, data } = error
  const refusal = { message, requestId, httpStatus, retryable, retryAfterMs }
  switch (appCode) {
    case 'NETWORK':
    case 'TOKEN':
    case 'ABORTED':
      return { appCode, message, retryable }
    case 'OTHER':
      return { ...refusal, appCode, code: data?.code ?? '' }
    case 'VALIDATION':
    case 'NOT_FOUND':
      return { ...refusal, appCode, fields: error.fields }
    case 'REVISION_CONFLICT':
    case 'ALREADY_EXISTS':
    case 'IN_TRASH':
      return { ...refusal, appCode, current: error.current }
    case 'MUTATION_APPLIED':
      return { ...refusal, appCode, revision: error.revision ?? 0 }
    default:
      return { ...refusal, appCode }
  }
}

/** What an error was made of. */
export function saidOf({ shape, appCode, retryable, retryAfterMs }: TaskwireError): Said {
  // Without a shape it is a failure on this side.
  return shape ?? { appCode: appCode as OwnCode, retryable, retryAfterMs }
}

/** Whatever was thrown on the way to the service and back. */
export function taskwireError(thrown: unknown): TaskwireError {
  if (thrown instanceof TaskwireError) return thrown
  return new TaskwireError(wordsOf(thrown), { appCode: 'NETWORK', retryable: true }, thrown)
}

/** A failure on this side that a code of the contract fits. */
export function ownFailure(
  appCode: 'VALIDATION' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'LIMIT_EXCEEDED' | 'TIMEOUT',
  message: string,
  { cause, fields }: { cause?: unknown; fields?: FieldError[] } = {},
): TaskwireError {
  const { code, httpStatus, retryable } = APP_CODES[appCode]
  const data = { code, httpStatus, retryable, appCode, requestId: '', ...(fields && { fields }) }
  return new TaskwireError(message, { message, code: -32_600, data }, cause)
}

/** No answer came in time. */
export function timedOut(milliseconds: number): TaskwireError {
  const message = `No answer came within ${milliseconds} ms`
  return ownFailure('TIMEOUT', message, { cause: new DOMException(message, 'TimeoutError') })
}

/** The caller's signal has ended the call; `cause` is its reason. */
export function aborted(reason: unknown): TaskwireError {
  // What AbortSignal.timeout() gives.
  if ((reason as { name?: unknown } | null | undefined)?.name === 'TimeoutError')
    return ownFailure('TIMEOUT', 'No answer came in the time that the signal gave', { cause: reason })
  return new TaskwireError('The call was aborted', { appCode: 'ABORTED', retryable: false }, reason)
}

// What fetch throws where no answer comes, in Node and in browsers: by no class or code of its own.
const NO_ANSWER = /^(fetch failed|failed to fetch|networkerror when|load failed|network request failed)/i

/** `token()` threw this. It is asked again where that says `retryable: true`, or a fetch of its got no answer. */
export function tokenFailed(cause: unknown): TaskwireError {
  const { name, message, retryable, retryAfterMs } = (cause ?? {}) as Record<string, unknown>
  const passing = retryable === true || (name === 'TypeError' && NO_ANSWER.test(String(message)))
  const wait = typeof retryAfterMs === 'number' ? retryAfterMs : undefined
  const own = { appCode: 'TOKEN', retryable: passing, retryAfterMs: wait } as const
  return new TaskwireError(`token() failed: ${wordsOf(cause)}`, own, cause)
}

export function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
