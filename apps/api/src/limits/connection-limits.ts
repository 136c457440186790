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
import { createMutationLimit } from './mutation-limit.ts'

/** Runs the work, and counts it against the rate limit. */
export type RunCounted = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Divides the database's connections: at most one mutation of a space at a time, part of the connections for one user's
 * reads, and few slow calls of all users together.
 */
export interface ConnectionLimits {
  /** Returns the database for a call. Each statement waits for its limits, and then runs within `runCounted`. */
  databaseFor(shape: CallShape, runCounted: RunCounted): CallerSession
  /** The limit on each user's reads. */
  readonly reads: KeyedLimit
  /** The limit on each space's mutations. */
  readonly mutations: KeyedLimit
  readonly slowCalls: SlowCalls
}

export interface ConnectionLimitsOptions extends Pick<KnownCallers, 'keyOf' | 'spaceOf' | 'learn'> {
  database: Database
  poolMax: number
  /** Looks up whether a caller may act in the space that it names. If so, `spaceOf` returns that space afterwards. */
  verify(caller: Caller): Promise<void>
  /** Called after each mutation that was applied, even if it had nothing to change. */
  onMutation(mutation: Pick<Answer, 'caller'>): void
  /** For experiments: false turns the limit on slow calls off. */
  limitsSlowCalls?: boolean | undefined
}

/** The cost that is recorded for a call that timed out. */
const COST_OF_TIMEOUT_MS = 5000

/** The part of a database call's result that is recorded. */
interface CallResult {
  caller: Authenticated
  ms: number
}

export function createConnectionLimits(options: ConnectionLimitsOptions): ConnectionLimits {
  const { database, poolMax, keyOf, spaceOf, learn, verify, onMutation, limitsSlowCalls = true } = options
  // Most connections for one user's reads, and for mutations by credentials that are new to this process.
  const quarter = Math.floor(poolMax / 4)
  const reads = createKeyedLimit({ of: 'user', atOnce: Math.max(2, quarter) })
  const mutations = createMutationLimit({ keyOf, spaceOf, mostUnverified: quarter })
  // Only few slow calls run at a time, so that connections and processors are left to short calls.
  const slowCalls = createSlowCalls({
    atOnce: Math.max(1, Math.floor(poolMax / 20)),
    mostWaiting: 10 * poolMax,
  })
  const costs = createCallCosts()

  async function runMeasured<T extends CallResult>(caller: Caller, name: string, call: () => Promise<T>): Promise<T> {
    try {
      const result = await call()
      learn(caller, result.caller.userId, result.caller.spaceId)
      costs.learn(keyOf(caller), name, result.ms)
      return result
    } catch (error) {
      if (error instanceof DatabaseError && error.fault === 'timeout')
        costs.learn(keyOf(caller), name, COST_OF_TIMEOUT_MS)
      throw error
    }
  }

  function databaseFor({ name, mayBeSlow, isOneRow }: CallShape, runCounted: RunCounted): CallerSession {
    const isSlow = (user: string): boolean => limitsSlowCalls && !isOneRow && costs.isSlow(user, name, mayBeSlow)
    const runCall = async <T extends CallResult>(caller: Caller, call: () => Promise<T>): Promise<T> =>
      await runCounted(async () => await runMeasured(caller, name, call))

    async function runMutation<T extends CallResult>(caller: Caller, call: () => Promise<T>): Promise<T> {
      const work = async (): Promise<T> => {
        const user = keyOf(caller)
        return isSlow(user)
          ? await slowCalls.run(user, async () => await runCall(caller, call))
          : await runCall(caller, call)
      }
      // These act as the account that the input names. The service key may have no right to look up its space.
      return name.startsWith('users.')
        ? await mutations.byKey.run(keyOf(caller), work)
        : await mutations.run(caller, async () => await runCounted(async () => await verify(caller)), work)
    }

    return {
      async read(caller, need, query, signal) {
        const user = keyOf(caller)
        const work = async () => await runCall(caller, async () => await database.read(caller, need, query, signal))
        // A slow read does not count against its user's limit, which is for short reads.
        return isSlow(user) ? await slowCalls.run(user, work, signal) : await reads.run(user, work, signal)
      },
      async mutate(caller, mutation, requestId, call) {
        const answer = await runMutation(caller, async () => await database.mutate(caller, mutation, requestId, call))
        if (!answer.replayed && answer.outcome === 'ok') onMutation(answer)
        return answer
      },
    }
  }

  return { databaseFor, reads, mutations: mutations.byKey, slowCalls }
}
