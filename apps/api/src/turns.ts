import { type Caller, createQueue, type Queue } from '@taskwire/db'
import { AppError } from './errors.ts'

/** Lets so many of one user's calls run at a time, and the others wait: one user cannot take the pool. */
export interface Turns {
  /** Throws OVERLOADED when too many wait, this one has waited too long, or the signal aborts while it waits. */
  inTurn<T>(caller: Caller, work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Calls that wait, of all users. */
  readonly waiting: number
}

export interface TurnsOptions {
  /** Whose line a call stands in. */
  keyOf(caller: Caller): string
  /** How many of a user's run at a time. */
  atOnce: number
  /** How many of a user's may wait. */
  mostWaiting?: number
  /** How long, in milliseconds. */
  waitMs?: number
}

interface Line {
  running: number
  /** Once somebody waits: most never do. */
  queue?: Queue<void>
}

export function createTurns({ keyOf, atOnce, mostWaiting = 500, waitMs = 3000 }: TurnsOptions): Turns {
  const lines = new Map<string, Line>()

  return {
    async inTurn(caller, work, signal) {
      const key = keyOf(caller)
      const line: Line = lines.get(key) ?? { running: 0 }
      lines.set(key, line)
      if (line.running < atOnce) line.running++
      else {
        const queue = (line.queue ??= createQueue())
        if (queue.size >= mostWaiting) throw overloaded()
        await queue.wait(waitMs, overloaded, signal && { signal, error: overloaded })
      }
      try {
        return await work()
      } finally {
        // The next one takes this one's place, so that nobody comes in between.
        if (line.queue?.give() !== true && --line.running === 0) lines.delete(key)
      }
    },
    get waiting() {
      return [...lines.values()].reduce((sum, { queue }) => sum + (queue?.size ?? 0), 0)
    },
  }
}

function overloaded(): AppError {
  return new AppError('OVERLOADED', 'Too many calls of this user wait already; send fewer at once.', {
    retryAfterMs: 1000,
  })
}
