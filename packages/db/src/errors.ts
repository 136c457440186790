/** Why a call to the database failed; the API maps each to one of the contract's codes. */
export type DatabaseFault =
  | 'unauthenticated'
  /** The vouched user has no account yet, or the account is another issuer's. */
  | 'identity_unknown'
  | 'forbidden_scope'
  | 'forbidden_acting'
  /** The user that a service key acts for does not exist. */
  | 'user_unknown'
  /** The space does not exist, or belongs to another account. */
  | 'space_not_found'
  | 'mutation_id_reused'
  /** No position is free where a row should go. */
  | 'no_room'
  /** A constraint was violated; `constraint` is its name. */
  | 'constraint'
  /** The wait queue is full, or the wait took too long; nothing was sent. Or another process holds the space's lock. */
  | 'overloaded'
  /** The deadline passed; the outcome of a write is unknown. */
  | 'timeout'
  /** The database could not be reached, or the connection was lost; the outcome of a write is unknown. */
  | 'unavailable'
  /** The caller's signal aborted; reads only. */
  | 'cancelled'
  | 'internal'

/** `cause` may hold SQL and parameters: it is for the server's log only. */
export class DatabaseError extends Error {
  override name = 'DatabaseError'
  readonly fault: DatabaseFault
  readonly constraint: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(
    fault: DatabaseFault,
    message: string,
    options: { cause?: unknown; constraint?: string | undefined; retryAfterMs?: number } = {},
  ) {
    super(message, { cause: options.cause })
    this.fault = fault
    this.constraint = options.constraint
    this.retryAfterMs = options.retryAfterMs
  }
}

const OWN: Record<string, DatabaseFault> = {
  TW401: 'unauthenticated',
  TW410: 'identity_unknown',
  'TW403 acting': 'forbidden_acting',
  'TW403 user unknown': 'user_unknown',
  'TW403 scope': 'forbidden_scope',
  'TW404 space': 'space_not_found',
  TW422: 'mutation_id_reused',
  TW507: 'no_room',
}

// The connection is lost or cannot be opened.
const CONNECTION = /^(08|57P|CONNECT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET)/
// Resources such as connections are used up.
const RESOURCES = /^53/
// Also transient: system errors, operator intervention, deadlocks, failover, stale plans, and transactions that the
// server ended (25P03, 25P04).
const TRANSIENT = /^(57|58|40|25006|25P03|25P04|0A000|26000)/

function property(error: unknown, name: string): string {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  return typeof value === 'string' ? value : ''
}

/** The SQLSTATE of a driver's error, or the code of a network error; else ''. */
export function codeOf(error: unknown): string {
  return property(error, 'code')
}

/** True if the connection was lost, or cannot be opened. */
export function isConnectionLost(error: unknown): boolean {
  return CONNECTION.test(codeOf(error))
}

/** True if the database cannot be reached now, but may be later. */
export function isUnreachable(error: unknown): boolean {
  return isConnectionLost(error) || RESOURCES.test(codeOf(error))
}

/** Converts an error of the driver to a DatabaseError. */
export function databaseError(cause: unknown): DatabaseError {
  if (cause instanceof DatabaseError) return cause
  const code = codeOf(cause)
  const own = OWN[code] ?? OWN[`${code} ${property(cause, 'message')}`]
  if (own !== undefined) return new DatabaseError(own, `The database refused: ${own}`, { cause })
  if (code.startsWith('23'))
    return new DatabaseError('constraint', 'A constraint refused the row', {
      cause,
      constraint: property(cause, 'constraint_name'),
    })
  // Cancelled by statement_timeout.
  if (code === '57014') return new DatabaseError('timeout', 'The database took too long', { cause })
  // lock_timeout: another process holds the lock of the same space.
  if (code === '55P03')
    return new DatabaseError('overloaded', 'The space is busy in another process', { cause, retryAfterMs: 1000 })
  if (isUnreachable(cause) || TRANSIENT.test(code))
    return new DatabaseError('unavailable', 'The database cannot be reached', { cause, retryAfterMs: 1000 })
  return new DatabaseError('internal', 'The database failed', { cause })
}
