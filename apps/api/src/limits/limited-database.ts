import { type Caller, DatabaseError, type CallerSession } from '@taskwire/db'
import type { Holding } from '../http/buffered-bytes.ts'
import type { KnownCallers } from './known-callers.ts'
import type { CredentialLookups } from './credential-lookups.ts'
import type { RateLimits } from './rate-limits.ts'
import type { CallShape } from './call-shapes.ts'
import type { ConnectionLimits } from './connection-limits.ts'

/**
 * The database as one call may use it. `read` and `mutate` are those of `shares.ts`: each waits for its turn, is counted
 * against its user's rate here (once for each call), and is then sent by packages/db (`caller-session.ts`).
 */
export interface LimitedDatabase extends CallerSession {
  /** Counts the call now, without sending anything. Throws RATE_LIMITED. */
  countCall(): Promise<void>
}

export interface LimitedDatabaseOptions {
  shares: Pick<ConnectionLimits, 'databaseFor'>
  rates: RateLimits
  lookUps: CredentialLookups
  keyOf: KnownCallers['keyOf']
}

export interface Source {
  /** The address. */
  network: string
  holding: Pick<Holding, 'requireRoom'>
}

/** Returns what makes it for each call, of a caller at an address. */
export function createLimitedDatabases({
  shares,
  rates,
  lookUps,
  keyOf,
}: LimitedDatabaseOptions): (caller: Caller, source: Source, shape: CallShape) => LimitedDatabase {
  return (caller, { network, holding }, shape) => {
    let counted: Promise<void> | undefined

    async function count(): Promise<void> {
      // Not before its turn: the others of its batch have replied meanwhile.
      holding.requireRoom()
      await lookUps.admit(caller, network)
      await rates.take(keyOf(caller))
    }
    const countCall = async (): Promise<void> => await (counted ??= count())

    async function counting<T>(work: () => Promise<T>): Promise<T> {
      await countCall()
      try {
        return await work()
      } catch (error) {
        // It found no connection, and so it has not reached the database, or lost it on the way: nobody's doing.
        if (error instanceof DatabaseError && (error.fault === 'overloaded' || error.fault === 'unavailable')) {
          counted = undefined
          await rates.giveBack(keyOf(caller))
        }
        throw error
      }
    }

    return { ...shares.databaseFor(shape, counting), countCall }
  }
}
