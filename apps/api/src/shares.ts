import { type Caller, type Database, DatabaseError, type Door, type WriteResult } from '@taskwire/db'
import { createCosts } from './costs.ts'
import type { Shape } from './shapes.ts'
import { createSlowCalls, type SlowCalls } from './slow-calls.ts'
import { createTurns, type Turns } from './turns.ts'

/** Runs the work, and counts it. */
export type Counting = <T>(work: () => Promise<T>) => Promise<T>

/** Shares the database out among users: nobody's calls, and no slow ones together, take what the others need. */
export interface Shares {
  /** What a call of this shape reaches the database by; `counting` is around what is sent, once its turn has come. */
  doorFor(shape: Shape, counting: Counting): Door
  readonly readers: Turns
  readonly writers: Turns
  readonly slow: SlowCalls
}

export interface SharesOptions {
  database: Database
  poolMax: number
  /** Whose a call is. */
  keyOf(caller: Caller): string
  /** Told of each mutation that was applied. */
  onWritten(written: Pick<WriteResult, 'caller'>): void
  /** For experiments: false runs as many slow calls as come. */
  limitsSlow?: boolean | undefined
}

/** What a call counts for that was cut off. */
const TIMEOUT_MS = 5000

export function createShares(options: SharesOptions): Shares {
  const { database, poolMax, keyOf, onWritten, limitsSlow = true } = options
  const writers = createTurns({ keyOf, atOnce: 1 })
  // A quarter of the connections, so that a few users with many reads leave some to the others.
  const readers = createTurns({ keyOf, atOnce: Math.max(2, Math.floor(poolMax / 4)) })
  // Few enough to leave the others connections and processors, and to be let in by the gate beside them.
  const slow = createSlowCalls({
    atOnce: Math.max(1, Math.floor(poolMax / 20)),
    mostWaiting: 10 * poolMax,
  })
  const costs = createCosts()

  async function measured<T extends { ms: number }>(user: string, name: string, call: () => Promise<T>): Promise<T> {
    try {
      const result = await call()
      costs.learn(user, name, result.ms)
      return result
    } catch (error) {
      if (error instanceof DatabaseError && error.fault === 'timeout') costs.learn(user, name, TIMEOUT_MS)
      throw error
    }
  }

  function doorFor({ name, mayBeSlow }: Shape, counting: Counting): Door {
    const isSlow = (user: string): boolean => limitsSlow && costs.isSlow(user, name, mayBeSlow)
    return {
      async read(caller, need, statement, signal) {
        const user = keyOf(caller)
        const work = async () =>
          await counting(
            async () => await measured(user, name, async () => await database.read(caller, need, statement, signal)),
          )
        // Slow ones have a limit of their own, and leave a user's short reads their turns.
        return isSlow(user) ? await slow.run(user, work, signal) : await readers.inTurn(caller, work, signal)
      },
      async mutate(caller, mutation, requestId, call) {
        const answer = await writers.inTurn(caller, async () => {
          const user = keyOf(caller)
          const work = async () =>
            await counting(
              async () =>
                await measured(user, name, async () => await database.mutate(caller, mutation, requestId, call)),
            )
          return isSlow(user) ? await slow.run(user, work) : await work()
        })
        if (!answer.replayed && answer.outcome === 'ok') onWritten(answer)
        return answer
      },
      async write(caller, need, mutation, statement) {
        const written = await writers.inTurn(caller, async () => {
          const user = keyOf(caller)
          const work = async () =>
            await counting(
              async () =>
                await measured(user, name, async () => await database.write(caller, need, mutation, statement)),
            )
          return isSlow(user) ? await slow.run(user, work) : await work()
        })
        if (written.replay === null && written.rows[0]?.['outcome'] === 'ok') onWritten(written)
        return written
      },
    }
  }

  return {
    doorFor,
    readers,
    writers,
    slow,
  }
}
