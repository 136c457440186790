import { LRUCache } from 'lru-cache'

/** Measured times of each user's database calls, by shape. */
export interface CallCosts {
  /** Records the time of a call, in milliseconds. */
  learn(user: string, shape: string, ms: number): void
  /** Whether a call counts as slow: by earlier measurements, or by `mayBeSlow` where there are none. */
  isSlow(user: string, shape: string, mayBeSlow: boolean): boolean
}

/** A call that may be slow counts as short below this. Exporting a page takes about 15 ms. */
const QUICK_MS = 10
/** A short call counts as slow above `ms`, if that is also `times` the mean of its shape. */
const SLOW = { ms: 50, times: 5 }
/** Remembered pairs of user and shape. */
const MOST_REMEMBERED = 20_000
/** How fast a mean moves. A quicker call shows the real cost; a slower one may have waited for the processor. */
const OWN = { quicker: 0.5, slower: 0.1 }
const OF_ALL = { quicker: 0.5, slower: 0.01 }

const movedMean = (mean: number, ms: number, by: typeof OWN): number =>
  mean + (ms - mean) * (ms < mean ? by.quicker : by.slower)

export function createCallCosts(): CallCosts {
  /** By user and shape. */
  const means = new LRUCache<string, number>({ max: MOST_REMEMBERED })
  /** By shape, for all users. */
  const shapeMeans = new Map<string, number>()
  const keyOf = (user: string, shape: string): string => `${user} ${shape}`
  return {
    learn(user, shape, ms) {
      const key = keyOf(user, shape)
      means.set(key, movedMean(means.get(key) ?? ms, ms, OWN))
      shapeMeans.set(shape, movedMean(shapeMeans.get(shape) ?? ms, ms, OF_ALL))
    },
    isSlow(user, shape, mayBeSlow) {
      const ms = means.get(keyOf(user, shape))
      if (mayBeSlow) return ms === undefined || ms >= QUICK_MS
      // If the calls of all users are slow, the machine is busy, and no single call is to blame.
      return ms !== undefined && ms > SLOW.ms && ms > SLOW.times * (shapeMeans.get(shape) ?? ms)
    },
  }
}
