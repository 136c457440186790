import { LRUCache } from 'lru-cache'

/** Measured times of each user's database calls, by shape. */
export interface CallCosts {
  /** Records the time of a call, in milliseconds. */
  learn(user: string, shape: string, mayBeSlow: boolean, ms: number): void
  /**
   * Whether a call that begins now counts as slow: by earlier calls of its user. The first one that may be slow is judged
   * by those of all users, and further ones count as slow until it has been measured.
   */
  isSlow(user: string, shape: string, mayBeSlow: boolean): boolean
}

/**
 * A call that may be slow counts as short below `ms`. On a busy machine it may take `times` as long as the mean of the short
 * calls, which wait for the same processors, but not more than `mostMs`: otherwise slow calls that slow down the short ones
 * would count as short themselves. Exporting a page takes about 15 ms on an idle machine.
 */
const QUICK = { ms: 10, times: 4, mostMs: 40 }
/** A short call counts as slow above `ms`, if that is also `times` the mean of its shape. */
const SLOW = { ms: 50, times: 5 }
/** The mean of a user's calls while the first one runs. */
const UNMEASURED = Infinity
/** Remembered pairs of user and shape. */
const MOST_REMEMBERED = 20_000
/** How fast a mean moves. A quicker call shows the real cost; a slower one may have waited for the processor. */
const OWN = { quicker: 0.5, slower: 0.1 }
const OF_ALL = { quicker: 0.5, slower: 0.01 }
/** The mean of all short calls follows the load, in both directions. */
const OF_SHORT = { quicker: 0.02, slower: 0.02 }

const movedMean = (mean: number, ms: number, by: typeof OWN): number =>
  mean + (ms - mean) * (ms < mean ? by.quicker : by.slower)

export function createCallCosts(): CallCosts {
  /** By user and shape. */
  const means = new LRUCache<string, number>({ max: MOST_REMEMBERED })
  /** By shape, for all users. */
  const shapeMeans = new Map<string, number>()
  let shortMean = 0
  const keyOf = (user: string, shape: string): string => `${user} ${shape}`
  return {
    learn(user, shape, mayBeSlow, ms) {
      const key = keyOf(user, shape)
      const mean = means.get(key) ?? UNMEASURED
      means.set(key, mean === UNMEASURED ? ms : movedMean(mean, ms, OWN))
      shapeMeans.set(shape, movedMean(shapeMeans.get(shape) ?? ms, ms, OF_ALL))
      if (!mayBeSlow) shortMean = movedMean(shortMean, ms, OF_SHORT)
    },
    isSlow(user, shape, mayBeSlow) {
      const key = keyOf(user, shape)
      const ms = means.get(key)
      if (mayBeSlow) {
        const most = Math.min(Math.max(QUICK.ms, QUICK.times * shortMean), QUICK.mostMs)
        if (ms !== undefined) return ms >= most
        means.set(key, UNMEASURED)
        return (shapeMeans.get(shape) ?? UNMEASURED) >= most
      }
      // If the calls of all users are slow, the machine is busy, and no single call is to blame.
      return ms !== undefined && ms > SLOW.ms && ms > SLOW.times * (shapeMeans.get(shape) ?? ms)
    },
  }
}
