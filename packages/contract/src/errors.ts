/** The closed catalogue of errors. No zod here: the client uses it too. */
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

/** The codes known to this version of the contract. */
export type KnownAppCode = keyof typeof APP_CODES
/** An open set: a newer service may send others; fall back to `code` and `httpStatus` for these. */
export type AppCode = KnownAppCode | (string & {})

/** One refused input: `path` in dots (`tasks.3.due.timeZone`, empty for the whole input). */
export interface FieldError {
  path: string
  message: string
}

/** What `error.data` holds in every refusal. */
export interface AppErrorData {
  /** tRPC's code. */
  code: string
  httpStatus: number
  appCode: AppCode
  requestId: string
  /** The same call may succeed later; send a mutation again with the same `mutationId`. */
  retryable: boolean
  /** Milliseconds to wait before the next try. */
  retryAfterMs?: number
  /** With VALIDATION: what to mend; with NOT_FOUND: which id of the input names nothing. */
  fields?: FieldError[]
  /** The row as it is now: a Task or a List. */
  current?: Record<string, unknown>
  /** With MUTATION_APPLIED: the head when the mutation was applied. */
  revision?: number
}
