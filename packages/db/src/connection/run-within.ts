import { setTimeout as pause } from 'node:timers/promises'
import { backoffMs } from '../backoff.ts'
import { DatabaseError, databaseError } from '../errors.ts'
import type { PooledConnection } from './pooled-connection.ts'

const CANCEL_BACKOFF_MS = { first: 50, most: 1000 }

/**
 * Runs the work on a connection. If the work takes longer than `withinMs`, the connection is destroyed. When the signal
 * aborts, the statement under way is cancelled in the server. Throws a DatabaseError.
 */
export async function runWithin<T>(
  connection: PooledConnection,
  withinMs: number,
  work: (connection: PooledConnection) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (isAborted(signal)) throw cancelled()
  // Created only when cancelling: an AbortController costs more than the rest of this function.
  let cancelling: { over: AbortController; done: Promise<void> } | undefined
  const cancel = (): void => {
    const over = new AbortController()
    cancelling = { over, done: cancelUntil(over.signal, connection) }
  }
  signal?.addEventListener('abort', cancel)
  const timer = setTimeout(
    () =>
      connection.destroy(new DatabaseError('timeout', `The database did not answer within ${Math.round(withinMs)} ms`)),
    withinMs,
  )
  try {
    return await work(connection)
  } catch (error) {
    throw isAborted(signal) ? cancelled() : databaseError(error)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
    if (cancelling !== undefined) {
      cancelling.over.abort()
      // A cancel request that arrives later would cancel the next caller's statement.
      await cancelling.done
    }
  }
}

/** Cancels repeatedly, since a request that arrives before its statement has no effect. */
async function cancelUntil(over: AbortSignal, connection: PooledConnection): Promise<void> {
  for (let earlier = 0; !over.aborted && !connection.closed; earlier++) {
    await connection.cancel()
    await pause(backoffMs(earlier, CANCEL_BACKOFF_MS), undefined, { signal: over, ref: false }).catch(() => {})
  }
}

export const isAborted = (signal?: AbortSignal): boolean => signal?.aborted === true

export function cancelled(): DatabaseError {
  return new DatabaseError('cancelled', 'The caller has gone')
}
