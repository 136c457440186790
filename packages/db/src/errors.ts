/** Why a call to the database did not succeed; the API maps each to one of the contract's codes. */
export type DatabaseFault =
  | 'unauthenticated'
  | 'forbidden_scope'
  | 'forbidden_acting'
  /** The user that a service's key names. */
  | 'user_unknown'
  /** The caller is no member of the space, or there is none. */
  | 'space_not_found'
  | 'mutation_id_reused'
  /** No position is left where a row is to go. */
  | 'no_room'
  /** A constraint refused the row; `constraint` names it. */
  | 'constraint'
  /** Too many wait already; nothing was sent. */
  | 'overloaded'
  /** Took too long; a write's outcome is unknown. */
  | 'timeout'
  /** Could not be reached, or broke off; a write's outcome is unknown. */
  | 'unavailable'
  /** Given up by whoever asked: of reads alone. */
  | 'cancelled'
  | 'internal'

/** `cause` is for the log only: it holds SQL and parameters. */
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
  'TW403 acting': 'forbidden_acting',
  'TW403 user unknown': 'user_unknown',
  'TW403 scope': 'forbidden_scope',
  'TW404 space': 'space_not_found',
  TW422: 'mutation_id_reused',
  TW507: 'no_room',
}

// After these the same call may succeed: connections, resources, operators, failover, stale plans, and
// transactions that the server ended (25P03, 25P04).
const PASSING =
  /^(08|53|57|58|40|25006|25P03|25P04|0A000|26000|CONNECT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET)/

function property(error: unknown, name: string): string {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  return typeof value === 'string' ? value : ''
}

/** The SQLSTATE of an error of the driver's, or the code of one of the network's; else ''. */
export function codeOf(error: unknown): string {
  return property(error, 'code')
}

/** Says what an error of the driver's means. */
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
  // Waited too long for a lock: another process works in the same space.
  if (code === '55P03')
    return new DatabaseError('overloaded', 'The space is busy in another process', { cause, retryAfterMs: 1000 })
  if (PASSING.test(code))
    return new DatabaseError('unavailable', 'The database cannot be reached', { cause, retryAfterMs: 1000 })
  return new DatabaseError('internal', 'The database failed', { cause })
}
