import { type Caller, DatabaseError, type CallerSession } from '@taskwire/db'
import type { ResponseBuffer } from '../http/buffered-bytes.ts'
import type { KnownCallers } from './known-callers.ts'
import type { CredentialLookups } from './credential-lookups.ts'
import type { RateLimits } from './rate-limits.ts'
import type { CallShape } from './call-shapes.ts'
import type { ConnectionLimits } from './connection-limits.ts'

/**
 * The database for one call. `read` and `mutate` wait for their limits (`connection-limits.ts`), count the call against
 * its user's rate limit (once, whatever the number of statements), and then send their statement (`caller-session.ts` of
 * packages/db).
 */
export interface LimitedDatabase extends CallerSession {
  /** Counts the call now, without a statement. Throws RATE_LIMITED. */
  countCall(): Promise<void>
}

export interface LimitedDatabaseOptions {
  connectionLimits: Pick<ConnectionLimits, 'databaseFor'>
  rates: RateLimits
  credentialLookups: CredentialLookups
  keyOf: KnownCallers['keyOf']
}

export interface Source {
  /** The network of the caller's IP address (`networkOf`). */
  network: string
  buffer: Pick<ResponseBuffer, 'requireRoom'>
}

/** Returns a function that creates the database of each call. */
export function createLimitedDatabases({
  connectionLimits,
  rates,
  credentialLookups,
  keyOf,
}: LimitedDatabaseOptions): (caller: Caller, source: Source, shape: CallShape) => LimitedDatabase {
  return (caller, { network, buffer }, shape) => {
    let counted: Promise<void> | undefined

    async function count(): Promise<void> {
      // Checked only after the wait, since other calls of the batch have buffered their replies by then.
      buffer.requireRoom()
      await credentialLookups.admit(caller, network)
      await rates.take(keyOf(caller))
    }
    const countCall = async (): Promise<void> => await (counted ??= count())

    async function runCounted<T>(work: () => Promise<T>): Promise<T> {
      await countCall()
      try {
        return await work()
      } catch (error) {
        // The statement was not run, or its outcome is unknown, through no fault of the caller.
        if (error instanceof DatabaseError && (error.fault === 'overloaded' || error.fault === 'unavailable')) {
          counted = undefined
          await rates.refund(keyOf(caller))
        }
        throw error
      }
    }

    return { ...connectionLimits.databaseFor(shape, runCounted), countCall }
  }
}
