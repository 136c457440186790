import {
  type Caller,
  type Database,
  DatabaseError,
  type CallerSession,
  type Authenticated,
  type Answer,
} from '@taskwire/db'
import { createCallCosts } from './call-costs.ts'
import type { KnownCallers } from './known-callers.ts'
import type { CallShape } from './call-shapes.ts'
import { createSlowCalls, type SlowCalls } from './slow-calls.ts'
import { createKeyedLimit, type KeyedLimit } from './keyed-limit.ts'

/** Runs the work, and counts it. */
export type Counting = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Divides the database's connections: at most one mutation of a space at a time, part of the connections for one user's
 * reads, and few slow calls of all users together.
 */
export interface ConnectionLimits {
  /** The database for a call of this shape: what is sent waits for its turn, and then runs within `counting`. */
  databaseFor(shape: CallShape, counting: Counting): CallerSession
  readonly readers: KeyedLimit
  readonly writers: KeyedLimit
  readonly slow: SlowCalls
}

export interface ConnectionLimitsOptions extends Pick<KnownCallers, 'keyOf' | 'spaceOf' | 'learn'> {
  database: Database
  poolMax: number
  /** Looks up a caller who is not known to act in this space, so that `spaceOf` tells it where they may. */
  find(caller: Caller): Promise<void>
  /** Told of each mutation that was applied. */
  onWritten(written: Pick<Answer, 'caller'>): void
  /** For experiments: false runs as many slow calls as come. */
  limitsSlow?: boolean | undefined
}

/** What a call counts for that was cut off. */
const TIMEOUT_MS = 5000

/** What every call to the database returns. */
interface Called {
  caller: Authenticated
  ms: number
}

export function createConnectionLimits(options: ConnectionLimitsOptions): ConnectionLimits {
  const { database, poolMax, keyOf, spaceOf, learn, find, onWritten, limitsSlow = true } = options
  // One mutation of a space at a time: others would hold connections while they wait for the lock.
  const writers = createKeyedLimit({ of: 'space', atOnce: 1 })
  // The look-up of a caller whose space is not known yet.
  const unknown = createKeyedLimit({ of: 'user', atOnce: 1 })
  // A quarter of the connections, so that a few users with many reads leave some to the others.
  const readers = createKeyedLimit({ of: 'user', atOnce: Math.max(2, Math.floor(poolMax / 4)) })
  // Few enough to leave the others connections and processors, and to be let in by the gate beside them.
  const slow = createSlowCalls({
    atOnce: Math.max(1, Math.floor(poolMax / 20)),
    mostWaiting: 10 * poolMax,
  })
  const costs = createCallCosts()

  async function measured<T extends Called>(caller: Caller, name: string, call: () => Promise<T>): Promise<T> {
    try {
      const result = await call()
      learn(caller, result.caller.userId, result.caller.spaceId)
      costs.learn(keyOf(caller), name, result.ms)
      return result
    } catch (error) {
      if (error instanceof DatabaseError && error.fault === 'timeout') costs.learn(keyOf(caller), name, TIMEOUT_MS)
      throw error
    }
  }

  /** Whose turn a mutation takes: the space's, and where the caller may not act in it, the caller's own. */
  async function turnOf(caller: Caller, counting: Counting): Promise<string> {
    if (spaceOf(caller) === undefined)
      await unknown.inTurn(keyOf(caller), async () => {
        // Known while it waited.
        if (spaceOf(caller) === undefined) await counting(async () => await find(caller))
      })
    return spaceOf(caller) ?? keyOf(caller)
  }

  function databaseFor({ name, mayBeSlow }: CallShape, counting: Counting): CallerSession {
    const isSlow = (user: string): boolean => limitsSlow && costs.isSlow(user, name, mayBeSlow)
    const counted = async <T extends Called>(caller: Caller, call: () => Promise<T>): Promise<T> =>
      await counting(async () => await measured(caller, name, call))

    /** Runs a mutation in its space's turn. */
    async function inSpace<T extends Called>(caller: Caller, call: () => Promise<T>): Promise<T> {
      return await writers.inTurn(await turnOf(caller, counting), async () => {
        const user = keyOf(caller)
        return isSlow(user)
          ? await slow.run(user, async () => await counted(caller, call))
          : await counted(caller, call)
      })
    }

    return {
      async read(caller, need, query, signal) {
        const user = keyOf(caller)
        const work = async () => await counted(caller, async () => await database.read(caller, need, query, signal))
        // Slow ones have a limit of their own, and leave a user's short reads their turns.
        return isSlow(user) ? await slow.run(user, work, signal) : await readers.inTurn(user, work, signal)
      },
      async mutate(caller, mutation, requestId, call) {
        const answer = await inSpace(caller, async () => await database.mutate(caller, mutation, requestId, call))
        if (!answer.replayed && answer.outcome === 'ok') onWritten(answer)
        return answer
      },
    }
  }

  return {
    databaseFor,
    readers,
    writers,
    slow,
  }
}
