import { createWaitQueue, type WaitQueue } from '@taskwire/db'
import { LRUCache } from 'lru-cache'
import { AppError } from '../errors.ts'

/** Limits how many slow database calls run at a time, of all users together, so that short calls find free connections. */
export interface SlowCalls {
  /** Throws OVERLOADED when too many calls wait, when this one has waited too long, or when the signal aborts its wait. */
  run<T>(user: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  readonly running: number
  readonly waiting: number
}

export interface SlowCallsOptions {
  /** Calls that run at a time. */
  atOnce: number
  /** Most waiting calls, of all users. Beyond it, the newest call of the user with the most waiting calls is refused. */
  mostWaiting: number
  /** Longest wait, in milliseconds. */
  waitMs?: number
}

const MOST_USERS_REMEMBERED = 1000

export function createSlowCalls({ atOnce, mostWaiting, waitMs = 3000 }: SlowCallsOptions): SlowCalls {
  /** By user. */
  const queues = new Map<string, WaitQueue<void>>()
  /** When each user was last served, as a sequence number. */
  const lastServed = new LRUCache<string, number>({ max: MOST_USERS_REMEMBERED })
  let running = 0
  let sequence = 0

  const waiting = (): number => [...queues.values()].reduce((sum, { size }) => sum + size, 0)
  const lastServedOf = (user: string): number => lastServed.peek(user) ?? 0

  /** Starts the next call of the least recently served user; false if none waits. */
  function startNext(): boolean {
    const [next] = [...queues].toSorted(([a], [b]) => lastServedOf(a) - lastServedOf(b))
    return next?.[1].give() ?? false
  }

  /** If the queues are full, refuses the newest waiting call of the user with the most. Throws if that is this user. */
  function makeRoom(user: string): void {
    if (waiting() < mostWaiting) return
    const [longest] = [...queues.values()].toSorted((a, b) => b.size - a.size)
    const own = queues.get(user)?.size ?? 0
    if (longest === undefined || longest.size <= own + 1) throw overloaded()
    longest.rejectLast(overloaded)
  }

  async function wait(user: string, signal?: AbortSignal): Promise<void> {
    makeRoom(user)
    const queue = queues.get(user) ?? createWaitQueue<void>()
    queues.set(user, queue)
    try {
      await queue.wait(waitMs, overloaded, signal && { signal, error: overloaded })
    } finally {
      if (queue.size === 0 && queues.get(user) === queue) queues.delete(user)
    }
  }

  return {
    async run(user, work, signal) {
      if (running < atOnce) running++
      else await wait(user, signal)
      lastServed.set(user, ++sequence)
      try {
        return await work()
      } finally {
        if (!startNext()) running--
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
    'Too many searches, counts, exports and other slow calls are waiting; wait, and send the call again.',
    { retryAfterMs: 1000 },
  )
}
