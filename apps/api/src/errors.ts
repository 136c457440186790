import { type Access, APP_CODES, type FieldError, type KnownAppCode } from '@taskwire/contract'
import { DatabaseError } from '@taskwire/db'

interface Details {
  fields?: FieldError[] | undefined
  /** The row as it is now. */
  current?: Record<string, unknown> | undefined
  revision?: number | undefined
  retryAfterMs?: number | undefined
  cause?: unknown
}

/** A refusal with one of the contract's codes: all that a caller gets to see. `cause` is for the log. */
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

/** A refused input, by its field. */
export function invalid(path: string, message: string): AppError {
  return new AppError('VALIDATION', `The input is not valid: ${path === '' ? 'it' : path} ${message}`, {
    fields: [{ path, message }],
  })
}

/** For the log and the metrics: nobody is there to be told. */
export function hungUp(cause?: unknown): AppError {
  const message = 'The call was given up, since its caller hung up.'
  return new AppError('UNAVAILABLE', message, { cause, retryAfterMs: 1000 })
}

/** An id of the input that names nothing, by its field; one of another user's is the same, byte for byte. */
export function notFound(path: string, message = 'names nothing that is there'): AppError {
  return new AppError('NOT_FOUND', `Not found: ${path} ${message}`, { fields: [{ path, message }] })
}
export const NO_LIST = 'names none of your lists; take an id of lists.list, or null for the inbox'
export const NO_SPACE = 'names no space of yours; leave it out for your personal one, whose id is that of your account'
export const NO_AFTER = 'names nothing there to be placed after; null is first, and left out it is last'
export const NO_COMMIT = 'names no commit that is there, or is still kept'

export const INTERNAL_MESSAGE =
  'Something went wrong in the service. Send the call again; a mutation with the same mutationId.'

// What a refused row means to the caller. A constraint that is not here guards what the contract has
// already checked: to meet it is a fault of ours.
const BY_CONSTRAINT: Record<string, () => AppError> = {
  tasks_pkey: () => new AppError('ALREADY_EXISTS', 'A task with this id exists already; use another id, or none.'),
  lists_pkey: () => new AppError('ALREADY_EXISTS', 'A list with this id exists already; use another id, or none.'),
  lists_id_check: () => invalid('id', 'cannot be that of the space; use another id, or none'),
}

function lackingMessage(access: Access | undefined): string {
  switch (access) {
    case 'session':
      return 'This call needs a session, and no key can make it. Sign in, and send the token of the session.'
    case 'account tasks:read':
      return 'This key lacks a scope: the call needs account and tasks:read. Use a key that has both, or a session.'
    case undefined:
    case 'public':
      return 'This key lacks a scope that the call needs. Use a key that has it, or a session.'
    default:
      return `This key lacks the scope ${access}, which the call needs. Use a key that has it, or a session.`
  }
}

/** Maps a thrown value to one of the contract's codes. `access`: what the call needs, as its contract says. */
export function toAppError(error: unknown, access?: Access): AppError {
  if (error instanceof AppError) return error
  if (!(error instanceof DatabaseError)) return new AppError('INTERNAL', INTERNAL_MESSAGE, { cause: error })
  const details: Details = { cause: error }
  const passing: Details = { cause: error, retryAfterMs: error.retryAfterMs ?? 1000 }
  switch (error.fault) {
    case 'unauthenticated':
      return new AppError(
        'UNAUTHENTICATED',
        'Not signed in: the session or key is missing, unknown or has ended. Sign in again.',
      )
    case 'forbidden_scope':
      return new AppError('FORBIDDEN', lackingMessage(access))
    case 'forbidden_acting':
      return new AppError(
        'FORBIDDEN',
        'X-Taskwire-User goes with a service key, which needs it, and with no other credential.',
      )
    case 'user_unknown':
      return new AppError('USER_UNKNOWN', 'There is no account with the id that X-Taskwire-User names.')
    case 'space_not_found':
      return notFound('space', NO_SPACE)
    case 'mutation_id_reused':
      return new AppError(
        'MUTATION_ID_REUSED',
        'This mutationId has been used for another call; make a new one for each mutation.',
      )
    case 'constraint':
      return BY_CONSTRAINT[error.constraint ?? '']?.() ?? new AppError('INTERNAL', INTERNAL_MESSAGE, details)
    case 'overloaded':
      return new AppError('OVERLOADED', 'Too much is going on at once; wait and send the call again.', passing)
    case 'timeout':
      return new AppError(
        'TIMEOUT',
        'The database took too long. Send the call again; a mutation with the same mutationId.',
        details,
      )
    case 'cancelled':
      return hungUp(error)
    case 'unavailable':
      return new AppError(
        'UNAVAILABLE',
        'The database cannot be reached at the moment. Send the call again; a mutation with the same mutationId.',
        passing,
      )
    case 'no_room':
      return new AppError(
        'LIMIT_EXCEEDED',
        'There is no room left at that place; nothing was changed. Place it elsewhere, or do it in parts.',
        details,
      )
    case 'internal':
      return new AppError('INTERNAL', INTERNAL_MESSAGE, details)
  }
}
