import type { AppErrorData, FieldError, KnownAppCode } from '@taskwire/contract/errors'
import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import { TRPCClientError } from '@trpc/client'
import type { AppRouter } from './router.ts'

interface Common {
  message: string
  /** Of the request, for the operator's log. */
  requestId: string
  httpStatus: number
}
type WithCurrent = 'REVISION_CONFLICT' | 'ALREADY_EXISTS' | 'IN_TRASH'

/** Why a call failed: a closed union by `appCode`, which a switch can be exhaustive over. */
export type Failure =
  | (Common & { appCode: 'VALIDATION'; fields: FieldError[] })
  /** `current` is the row as it is now, where there is one. */
  | (Common & { appCode: WithCurrent; current: Task | List | undefined })
  /** The mutation has been applied before and its reply is gone: treat as success, and read again. */
  | (Common & { appCode: 'MUTATION_APPLIED'; revision: number })
  | (Common & { appCode: Exclude<KnownAppCode, WithCurrent | 'VALIDATION' | 'MUTATION_APPLIED'> })
  /** A code that this version does not know: go by the status. */
  | (Common & { appCode: 'OTHER'; code: string })
  /** No answer came: whether a mutation was applied is not known. Send it again with the same mutationId. */
  | { appCode: 'NETWORK'; message: string }
  /** By the caller's own signal. */
  | { appCode: 'ABORTED'; message: string }

const KNOWN: Record<KnownAppCode, true> = {
  VALIDATION: true,
  UNAUTHENTICATED: true,
  FORBIDDEN: true,
  NOT_FOUND: true,
  REVISION_CONFLICT: true,
  ALREADY_EXISTS: true,
  MUTATION_APPLIED: true,
  IN_TRASH: true,
  NOT_REVERTIBLE: true,
  RESYNC_REQUIRED: true,
  CONTRACT_MISMATCH: true,
  MUTATION_ID_REUSED: true,
  LIMIT_EXCEEDED: true,
  RATE_LIMITED: true,
  OVERLOADED: true,
  UNAVAILABLE: true,
  TIMEOUT: true,
  INTERNAL: true,
}

/** What every call of the client rejects with. */
export type TaskwireError = TRPCClientError<AppRouter>

/** True for what a call of this client rejected with. */
export function isTaskwireError(error: unknown): error is TaskwireError {
  return error instanceof TRPCClientError
}

/** Says why a call failed. Throws on what is no failure of a call, such as a mistake in the caller's own code. */
export function failureOf(error: unknown): Failure {
  if (!isTaskwireError(error)) throw error
  const data: AppErrorData | null | undefined = error.data
  const { message } = error
  if (data === null || data === undefined) {
    const aborted = error.cause?.name === 'AbortError'
    return { appCode: aborted ? 'ABORTED' : 'NETWORK', message }
  }
  const { appCode, requestId, httpStatus, fields = [], current, revision = 0, code } = data
  const common = { message, requestId, httpStatus }
  if (!(appCode in KNOWN)) return { ...common, appCode: 'OTHER', code }
  // Checked just above: a service of this contract's version sends no others.
  const known = appCode as KnownAppCode
  switch (known) {
    case 'VALIDATION':
      return { ...common, appCode: known, fields }
    case 'REVISION_CONFLICT':
    case 'ALREADY_EXISTS':
    case 'IN_TRASH':
      // The contract says that `current` is a Task or a List.
      return { ...common, appCode: known, current: current as unknown as Task | List | undefined }
    case 'MUTATION_APPLIED':
      return { ...common, appCode: known, revision }
    default:
      return { ...common, appCode: known }
  }
}
