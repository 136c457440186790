import { createQueue, type Queue } from '@taskwire/db'
import { AppError } from '../errors.ts'

/** Runs calls that take the database long: a few at a time, of all users together, so that short calls find it free. */
export interface SlowCalls {
  /** Throws OVERLOADED when too many wait, this one has waited too long, or its signal aborts while it waits. */
  run<T>(user: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  readonly running: number
  readonly waiting: number
}

export interface SlowCallsOptions {
  /** How many run at a time. */
  atOnce: number
  /** How many wait, of all users. Beyond these, the newest of the user who has the most is refused. */
  mostWaiting: number
  /** How long one waits, in milliseconds. */
  waitMs?: number
}

/** Users who are remembered as served. */
const MOST_SERVED = 1000

export function createSlowCalls({ atOnce, mostWaiting, waitMs = 3000 }: SlowCallsOptions): SlowCalls {
  /** Of users who wait. */
  const queues = new Map<string, Queue<void>>()
  /** The user who was served longest ago comes first. */
  const served = new Map<string, number>()
  let running = 0
  let turn = 0

  const waiting = (): number => [...queues.values()].reduce((sum, { size }) => sum + size, 0)
  const lastServed = (user: string): number => served.get(user) ?? 0

  /** Gives the place of one that has ended to the user who was served longest ago; false where nobody waits. */
  function giveOn(): boolean {
    const [next] = [...queues].toSorted(([a], [b]) => lastServed(a) - lastServed(b))
    return next?.[1].give() ?? false
  }

  function makeRoom(user: string): void {
    if (waiting() < mostWaiting) return
    const [longest] = [...queues.values()].toSorted((a, b) => b.size - a.size)
    const own = queues.get(user)?.size ?? 0
    if (longest === undefined || longest.size <= own + 1) throw overloaded()
    longest.rejectLast(overloaded)
  }

  async function wait(user: string, signal?: AbortSignal): Promise<void> {
    makeRoom(user)
    const queue = queues.get(user) ?? createQueue<void>()
    queues.set(user, queue)
    try {
      await queue.wait(waitMs, overloaded, signal && { signal, error: overloaded })
    } finally {
      if (queue.size === 0 && queues.get(user) === queue) queues.delete(user)
    }
  }

  function note(user: string): void {
    served.delete(user)
    served.set(user, ++turn)
    const [oldest] = served.keys()
    if (served.size > MOST_SERVED && oldest !== undefined) served.delete(oldest)
  }

  return {
    async run(user, work, signal) {
      if (running < atOnce) running++
      else await wait(user, signal)
      note(user)
      try {
        return await work()
      } finally {
        if (!giveOn()) running--
      }
    },
    get running() {
      return running
    },
    get waiting() {
      return waiting()
    },
  }
}

function overloaded(): AppError {
  return new AppError(
    'OVERLOADED',
    'Too many searches, counts, exports and other long calls wait already; wait and send the call again.',
    { retryAfterMs: 1000 },
  )
}
