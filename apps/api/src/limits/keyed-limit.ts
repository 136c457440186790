import { createQueue, type Queue } from '@taskwire/db'
import { AppError } from '../errors.ts'

/** Runs so many calls of one user, or of one space, at a time, and the others wait: none of them can take the pool. */
export interface KeyedLimit {
  /** Throws OVERLOADED when too many wait, this one has waited too long, or the signal aborts while it waits. */
  inTurn<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Calls that wait, of all keys. */
  readonly waiting: number
}

export interface KeyedLimitOptions {
  /** What the keys are ids of. */
  of: 'user' | 'space'
  /** How many of one key run at a time. */
  atOnce: number
  /** How many of one key may wait. */
  mostWaiting?: number
  /** How long, in milliseconds. */
  waitMs?: number
}

interface Line {
  running: number
  /** Once somebody waits: most never do. */
  queue?: Queue<void>
}

export function createKeyedLimit({ of, atOnce, mostWaiting = 500, waitMs = 3000 }: KeyedLimitOptions): KeyedLimit {
  const lines = new Map<string, Line>()
  const overloaded = (): AppError =>
    new AppError('OVERLOADED', `Too many calls of this ${of} wait already; send fewer at once.`, { retryAfterMs: 1000 })

  return {
    async inTurn(key, work, signal) {
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
