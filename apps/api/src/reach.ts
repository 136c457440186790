import { type Caller, DatabaseError, type Door } from '@taskwire/db'
import type { Holding } from './held.ts'
import type { Identities } from './identities.ts'
import type { LookUps } from './look-ups.ts'
import type { Rates } from './rates.ts'
import type { Shape } from './shapes.ts'
import type { Shares } from './shares.ts'

/** How one call gets to the database. */
export interface Reach {
  /** Runs in its user's turn, and counts once against their rate. */
  database: Door
  /** Counts the call against its user's rate, the first time: it is about to reach the database. Throws RATE_LIMITED. */
  reach(): Promise<void>
}

export interface ReachOptions {
  shares: Pick<Shares, 'doorFor'>
  rates: Rates
  lookUps: LookUps
  keyOf: Identities['keyOf']
}

export interface Source {
  /** The address. */
  network: string
  holding: Pick<Holding, 'requireRoom'>
}

/** Returns what makes it for each call, of a caller at an address. */
export function createReach({
  shares,
  rates,
  lookUps,
  keyOf,
}: ReachOptions): (caller: Caller, source: Source, shape: Shape) => Reach {
  return (caller, { network, holding }, shape) => {
    let counted: Promise<void> | undefined

    async function count(): Promise<void> {
      // Not before its turn: the others of its batch have replied meanwhile.
      holding.requireRoom()
      await lookUps.admit(caller, network)
      await rates.take(keyOf(caller))
    }
    const reach = async (): Promise<void> => await (counted ??= count())

    async function counting<T>(work: () => Promise<T>): Promise<T> {
      await reach()
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

    return { reach, database: shares.doorFor(shape, counting) }
  }
}
