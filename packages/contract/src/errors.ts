// This module imports no zod, since browsers load it.
/** Every error code. `retryable` means that the same call may succeed later. */
export const APP_CODES = {
  VALIDATION: { code: 'BAD_REQUEST', httpStatus: 400, retryable: false },
  UNAUTHENTICATED: { code: 'UNAUTHORIZED', httpStatus: 401, retryable: false },
  FORBIDDEN: { code: 'FORBIDDEN', httpStatus: 403, retryable: false },
  USER_UNKNOWN: { code: 'FORBIDDEN', httpStatus: 403, retryable: false },
  NOT_FOUND: { code: 'NOT_FOUND', httpStatus: 404, retryable: false },
  REVISION_CONFLICT: { code: 'CONFLICT', httpStatus: 409, retryable: false },
  ALREADY_EXISTS: { code: 'CONFLICT', httpStatus: 409, retryable: false },
  MUTATION_APPLIED: { code: 'CONFLICT', httpStatus: 409, retryable: false },
  IN_TRASH: { code: 'CONFLICT', httpStatus: 409, retryable: false },
  NOT_REVERTIBLE: { code: 'CONFLICT', httpStatus: 409, retryable: false },
  RESYNC_REQUIRED: { code: 'PRECONDITION_FAILED', httpStatus: 412, retryable: false },
  CONTRACT_MISMATCH: { code: 'PRECONDITION_FAILED', httpStatus: 412, retryable: false },
  MUTATION_ID_REUSED: { code: 'UNPROCESSABLE_CONTENT', httpStatus: 422, retryable: false },
  LIMIT_EXCEEDED: { code: 'UNPROCESSABLE_CONTENT', httpStatus: 422, retryable: false },
  RATE_LIMITED: { code: 'TOO_MANY_REQUESTS', httpStatus: 429, retryable: true },
  OVERLOADED: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503, retryable: true },
  UNAVAILABLE: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503, retryable: true },
  TIMEOUT: { code: 'GATEWAY_TIMEOUT', httpStatus: 504, retryable: true },
  INTERNAL: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500, retryable: true },
} as const

/** The codes that this version of the contract knows. */
export type KnownAppCode = keyof typeof APP_CODES
/** An open set: a newer service may send other codes. For a code that you do not know, use `code` and `httpStatus`. */
export type AppCode = KnownAppCode | (string & {})

/**
 * What is wrong with one field of an input. `path` is written with dots (`tasks.3.due.timeZone`), and is empty for the
 * whole input.
 */
export interface FieldError {
  path: string
  message: string
}

/** `error.data` of every error. */
export interface AppErrorData {
  /** tRPC's code. */
  code: string
  httpStatus: number
  appCode: AppCode
  requestId: string
  /** The same call may succeed later; repeat a mutation with the same `mutationId`. */
  retryable: boolean
  /** Milliseconds to wait before the next attempt. */
  retryAfterMs?: number
  /** With VALIDATION: what is wrong in the input. With NOT_FOUND: which id of the input does not exist. */
  fields?: FieldError[]
  /** With REVISION_CONFLICT, ALREADY_EXISTS and IN_TRASH: the row as it is now, a Task, a List or a User. */
  current?: Record<string, unknown>
  /** With MUTATION_APPLIED: the space's latest revision when the mutation was applied. */
  revision?: number
}
