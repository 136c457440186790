import { type Access, APP_CODES, type FieldError, type KnownAppCode } from '@taskwire/contract'
import { DatabaseError } from '@taskwire/db'

interface Details {
  fields?: FieldError[] | undefined
  /** The current row. */
  current?: Record<string, unknown> | undefined
  revision?: number | undefined
  retryAfterMs?: number | undefined
  cause?: unknown
}

/**
 * An error with one of the contract's codes. Callers see its code, message and details; `cause` goes to the server's
 * log only.
 */
export class AppError extends Error {
  override name = 'AppError'
  readonly appCode: KnownAppCode
  readonly details: Details

  constructor(appCode: KnownAppCode, message: string, details: Details = {}) {
    super(message, { cause: details.cause })
    this.appCode = appCode
    this.details = details
  }

  get httpStatus(): number {
    return APP_CODES[this.appCode].httpStatus
  }
}

/** The error for an invalid input field. */
export function invalid(path: string, message: string): AppError {
  return new AppError('VALIDATION', `The input is not valid: ${path === '' ? 'it' : path} ${message}`, {
    fields: [{ path, message }],
  })
}

/** The caller disconnected, so this error appears only in the server's log and the metrics. */
export function hungUp(cause?: unknown): AppError {
  const message = 'The call was cancelled, because its caller disconnected.'
  return new AppError('UNAVAILABLE', message, { cause, retryAfterMs: 1000 })
}

/**
 * The error for an id in the input that does not exist. The id of another user's row gives the same error, byte for
 * byte.
 */
export function notFound(path: string, message = 'does not exist'): AppError {
  return new AppError('NOT_FOUND', `Not found: ${path} ${message}`, { fields: [{ path, message }] })
}
export const NO_LIST = 'is not the id of one of your lists; use an id from lists.list, or null for the inbox'
export const NO_SPACE =
  'is not the id of a space of yours; leave it out for your personal space, whose id is your account id'
export const NO_AFTER = 'does not exist there; use null to place it first, or leave it out to place it last'
export const NO_COMMIT = 'is not the revision of a commit in the log; the commit may be too old to be kept'

export const INTERNAL_MESSAGE =
  'Something went wrong in the service. Send the call again; if it is a mutation, with the same mutationId.'

// What a violated constraint means to the caller. The conditions of all other constraints are checked by the contract:
// to violate one of those is a bug of the service.
const BY_CONSTRAINT: Record<string, () => AppError> = {
  tasks_pkey: () => new AppError('ALREADY_EXISTS', 'A task with this id already exists; use another id, or none.'),
  lists_pkey: () => new AppError('ALREADY_EXISTS', 'A list with this id already exists; use another id, or none.'),
  users_email_key: () =>
    new AppError(
      'ALREADY_EXISTS',
      'Another account has this e-mail address, with which it signed up; use another one.',
    ),
  lists_id_check: () => invalid('id', 'is the id of the space; use another id, or none'),
}

const OTHER_ISSUER =
  'Not signed in: the account of this user belongs to another issuer of tokens. The operator of the service can hand it over, by importing the user.'
const NO_ACCOUNT = 'There is no account with this id or externalId.'
const NO_USER = 'There is no account with the id in X-Taskwire-User or X-Taskwire-External-User.'
const NEEDS_USER =
  'A service key needs one of the headers X-Taskwire-User and X-Taskwire-External-User, and no other credential may send either.'
const NO_HEADERS =
  'This call needs a service key with the scope users, without a header that names a user or a space: its input names the account.'

function lackingMessage(access: Access | undefined): string {
  switch (access) {
    case 'session':
      return 'This call needs a session, and no key can make it. Sign in, and send the token of the session.'
    case 'users':
      return 'This call needs a service key with the scope users, which the operator creates on the command line of the service.'
    case 'account tasks:read':
      return 'This key lacks a scope: the call needs account and tasks:read. Use a key that has both, or a session.'
    case undefined:
    case 'public':
      return 'This key lacks a scope that the call needs. Use a key that has it, or a session.'
    default:
      return `This key lacks the scope ${access}, which the call needs. Use a key that has it, or a session.`
  }
}

/** Maps a thrown value to one of the contract's codes. `access`: the access that the procedure requires. */
export function toAppError(error: unknown, access?: Access): AppError {
  if (error instanceof AppError) return error
  if (!(error instanceof DatabaseError)) return new AppError('INTERNAL', INTERNAL_MESSAGE, { cause: error })
  const details: Details = { cause: error }
  const retryable: Details = { cause: error, retryAfterMs: error.retryAfterMs ?? 1000 }
  switch (error.fault) {
    case 'unauthenticated':
      return new AppError(
        'UNAUTHENTICATED',
        'Not signed in: the session or key is unknown or has expired. Sign in again.',
      )
    case 'identity_unknown':
      return new AppError('UNAUTHENTICATED', OTHER_ISSUER)
    case 'forbidden_scope':
      return new AppError('FORBIDDEN', lackingMessage(access))
    case 'forbidden_acting':
      return new AppError('FORBIDDEN', access === 'users' ? NO_HEADERS : NEEDS_USER)
    case 'user_unknown':
      return new AppError('USER_UNKNOWN', access === 'users' ? NO_ACCOUNT : NO_USER)
    case 'space_not_found':
      return notFound('space', NO_SPACE)
    case 'mutation_id_reused':
      return new AppError(
        'MUTATION_ID_REUSED',
        'This mutationId was used for another call; generate a new one for each mutation.',
      )
    case 'constraint':
      return BY_CONSTRAINT[error.constraint ?? '']?.() ?? new AppError('INTERNAL', INTERNAL_MESSAGE, details)
    case 'overloaded':
      return new AppError('OVERLOADED', 'The service is overloaded; wait, and send the call again.', retryable)
    case 'timeout':
      return new AppError(
        'TIMEOUT',
        'The database took too long. Send the call again; if it is a mutation, with the same mutationId.',
        details,
      )
    case 'cancelled':
      return hungUp(error)
    case 'unavailable':
      return new AppError(
        'UNAVAILABLE',
        'The database cannot be reached. Send the call again; if it is a mutation, with the same mutationId.',
        retryable,
      )
    case 'no_room':
      return new AppError(
        'LIMIT_EXCEEDED',
        'No position is left at that place; nothing was changed. Choose another place, or move fewer at once.',
        details,
      )
    case 'internal':
      return new AppError('INTERNAL', INTERNAL_MESSAGE, details)
  }
}
