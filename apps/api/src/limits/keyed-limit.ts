import { createWaitQueue, type WaitQueue } from '@taskwire/db'
import { AppError } from '../errors.ts'

/** Limits how many calls of one user, or of one space, run at a time. The others wait, so that no key takes the whole pool. */
export interface KeyedLimit {
  /** Throws OVERLOADED when too many calls wait, when this one has waited too long, or when the signal aborts its wait. */
  run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Waiting calls, of all keys. */
  readonly waiting: number
}

export interface KeyedLimitOptions {
  /** What a key identifies. */
  of: 'user' | 'space'
  /** Calls of one key that run at a time. */
  atOnce: number
  /** Most waiting calls of one key. */
  mostWaiting?: number
  /** Longest wait, in milliseconds. */
  waitMs?: number
}

interface KeyState {
  running: number
  /** Created by the first call that has to wait. */
  queue?: WaitQueue<void>
}

export function createKeyedLimit({ of, atOnce, mostWaiting = 500, waitMs = 3000 }: KeyedLimitOptions): KeyedLimit {
  const states = new Map<string, KeyState>()
  const overloaded = (): AppError =>
    new AppError('OVERLOADED', `Too many calls of this ${of} are waiting; send fewer at once.`, { retryAfterMs: 1000 })

  return {
    async run(key, work, signal) {
      const state: KeyState = states.get(key) ?? { running: 0 }
      states.set(key, state)
      if (state.running < atOnce) state.running++
      else {
        const queue = (state.queue ??= createWaitQueue())
        if (queue.size >= mostWaiting) throw overloaded()
        await queue.wait(waitMs, overloaded, signal && { signal, error: overloaded })
      }
      try {
        return await work()
      } finally {
        // The next waiting call takes the place of this one, so that no new call gets ahead of it.
        if (state.queue?.give() !== true && --state.running === 0) states.delete(key)
      }
    },
    get waiting() {
      return [...states.values()].reduce((sum, { queue }) => sum + (queue?.size ?? 0), 0)
    },
  }
}
