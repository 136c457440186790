import type { Caller } from '@taskwire/db'
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
  waiting: (() => void)[]
}

export function createTurns({ keyOf, atOnce, mostWaiting = 500, waitMs = 3000 }: TurnsOptions): Turns {
  const lines = new Map<string, Line>()
  let waiting = 0

  async function wait(line: Line, signal?: AbortSignal): Promise<void> {
    if (line.waiting.length >= mostWaiting) throw overloaded()
    waiting++
    try {
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          clearTimeout(late)
          signal?.removeEventListener('abort', giveUp)
        }
        const turn = (): void => {
          leave()
          resolve()
        }
        const giveUp = (): void => {
          leave()
          line.waiting.splice(line.waiting.indexOf(turn), 1)
          reject(overloaded())
        }
        const late = setTimeout(giveUp, waitMs)
        signal?.addEventListener('abort', giveUp)
        line.waiting.push(turn)
      })
    } finally {
      waiting--
    }
  }

  return {
    async inTurn(caller, work, signal) {
      const key = keyOf(caller)
      const line = lines.get(key) ?? { running: 0, waiting: [] }
      lines.set(key, line)
      if (line.running < atOnce) line.running++
      else await wait(line, signal)
      try {
        return await work()
      } finally {
        // The next one takes this one's place, so that nobody comes in between.
        const next = line.waiting.shift()
        if (next !== undefined) next()
        else if (--line.running === 0) lines.delete(key)
      }
    },
    get waiting() {
      return waiting
    },
  }
}

function overloaded(): AppError {
  return new AppError('OVERLOADED', 'Too many calls of this user wait already; send fewer at once.', {
    retryAfterMs: 1000,
  })
}
