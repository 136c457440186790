import { APP_CODES, type FieldError, type KnownAppCode } from '@taskwire/contract/errors'
import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import { TRPCClientError } from '@trpc/client'
import { UnreadableAnswer } from './http.ts'
import type { AppRouter } from './router.ts'

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
  /** Of the request, for the operator's log; empty where the call was not sent. */
  requestId: string
  httpStatus: number
  /** Milliseconds to wait before the next try, where the service says. */
  retryAfterMs: number | undefined
}
type WithCurrent = 'REVISION_CONFLICT' | 'ALREADY_EXISTS' | 'IN_TRASH'

/** Why a call failed: a closed union by `appCode`, over which a switch can be exhaustive. */
export type Failure =
  /** `fields` says what to mend: `path` in dots, such as `changes.title`. */
  | (Refusal & { appCode: 'VALIDATION'; fields: FieldError[] })
  /** `current` is the row as it is now, where there is one. */
  | (Refusal & { appCode: WithCurrent; current: Task | List | undefined })
  /** The mutation was applied before and its reply is gone: treat as success, and read again. */
  | (Refusal & { appCode: 'MUTATION_APPLIED'; revision: number })
  | (Refusal & { appCode: Exclude<KnownAppCode, WithCurrent | 'VALIDATION' | 'MUTATION_APPLIED'> })
  /** A newer service's, which this version does not know: go by `code`, tRPC's, or the status. */
  | (Refusal & { appCode: 'OTHER'; code: string })
  /** No answer of the service's came: whether a mutation was applied is not known. The error's `cause` says more. */
  | (Common & { appCode: 'NETWORK' })
  /** By the caller's own signal. A mutation that had been sent may have been applied. */
  | (Common & { appCode: 'ABORTED' })

/** What every call of the client rejects with; `data` is what the service said, `cause` what was beneath. */
export type TaskwireError = TRPCClientError<AppRouter>

/** True for what a call of this client rejected with. */
export function isTaskwireError(error: unknown): error is TaskwireError {
  // By name too: another package may have loaded its own copy of @trpc/client.
  return error instanceof TRPCClientError || (error instanceof Error && error.name === 'TRPCClientError')
}

/**
 * Says why a call failed. What is no failure of a call, such as a mistake in your own code, it
 * throws again: so it can stand first in a `catch`.
 */
export function failureOf(error: unknown): Failure {
  if (!isTaskwireError(error)) throw error
  const { message, data } = error
  if (isAborted(error)) return { appCode: 'ABORTED', message, retryable: false }
  if (!data) return { appCode: 'NETWORK', message, retryable: passingOf(error).retryable }
  const { appCode, requestId, httpStatus, retryable, retryAfterMs, fields = [], current, revision = 0, code } = data
  const refusal = { message, requestId, httpStatus, retryable, retryAfterMs }
  if (!isKnown(appCode)) return { ...refusal, appCode: 'OTHER', code }
  switch (appCode) {
    case 'VALIDATION':
      return { ...refusal, appCode, fields }
    case 'REVISION_CONFLICT':
    case 'ALREADY_EXISTS':
    case 'IN_TRASH':
      // The contract says that `current` is a Task or a List.
      return { ...refusal, appCode, current: current as unknown as Task | List | undefined }
    case 'MUTATION_APPLIED':
      return { ...refusal, appCode, revision }
    default:
      return { ...refusal, appCode }
  }
}

function isKnown(appCode: string): appCode is KnownAppCode {
  return Object.hasOwn(APP_CODES, appCode)
}

/** Whether the same call may succeed later, and when; without an answer it may. */
export function passingOf({ data, cause }: TaskwireError): { retryable: boolean; retryAfterMs?: number | undefined } {
  return data ?? (cause instanceof UnreadableAnswer ? cause : { retryable: true })
}

/** The caller's signal has ended the call; `cause` is its reason. */
export function aborted(reason: unknown): TaskwireError {
  // The reason is whatever the caller gave, mostly a DOMException.
  return new TRPCClientError('The call was aborted', { cause: reason as Error, meta: { aborted: true } })
}

function isAborted({ meta }: TaskwireError): boolean {
  return meta?.['aborted'] === true
}

/** One try took too long; the next may not. */
export function timedOut(milliseconds: number): TaskwireError {
  const message = `No answer came within ${milliseconds} ms`
  return new TRPCClientError(message, { cause: new DOMException(message, 'TimeoutError') })
}

/** Refused here, since it could not be sent: a query goes in the address. */
export function inputTooLong(length: number, most: number): TaskwireError {
  const { code, httpStatus, retryable } = APP_CODES.LIMIT_EXCEEDED
  const message = `The query's input has ${length} characters as part of an address, of at most ${most}; narrow the filter`
  return new TRPCClientError(message, {
    result: {
      error: {
        message,
        code: -32_600,
        data: { code, httpStatus, retryable, appCode: 'LIMIT_EXCEEDED', requestId: '' },
      },
    },
  })
}
