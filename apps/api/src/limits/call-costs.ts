import { LRUCache } from 'lru-cache'

/** Measured times of each user's database calls, by shape. */
export interface CallCosts {
  /** Records the time of a call, in milliseconds. */
  learn(user: string, shape: string, ms: number): void
  /**
   * Whether a call that begins now counts as slow, by earlier calls of its user. A user's first calls that may be slow are
   * judged by those of all users.
   */
  isSlow(user: string, shape: string, mayBeSlow: boolean): boolean
}

/** A call that may be slow counts as short below this. Exporting a page takes about 15 ms. */
const QUICK_MS = 10
/** A short call counts as slow above `ms`, if that is also `times` the mean of its shape. */
const SLOW = { ms: 50, times: 5 }
/** So many calls of a user say little: on a busy machine a quick call takes long too. */
const FEW = 3
/** Remembered pairs of user and shape. */
const MOST_REMEMBERED = 20_000
/** How fast a mean moves. A quicker call shows the real cost; a slower one may have waited for the processor. */
const OWN = { quicker: 0.5, slower: 0.1 }
const OF_ALL = { quicker: 0.5, slower: 0.01 }

const movedMean = (mean: number | undefined, ms: number, by: typeof OWN): number =>
  mean === undefined ? ms : mean + (ms - mean) * (ms < mean ? by.quicker : by.slower)

/** The calls of a user of one shape. */
interface Measured {
  calls: number
  /** Undefined while the first call runs. */
  mean?: number
}

export function createCallCosts(): CallCosts {
  /** By user and shape. */
  const measured = new LRUCache<string, Measured>({ max: MOST_REMEMBERED })
  /** By shape, for all users. */
  const shapeMeans = new Map<string, number>()
  const keyOf = (user: string, shape: string): string => `${user} ${shape}`
  return {
    learn(user, shape, ms) {
      const key = keyOf(user, shape)
      const { calls, mean } = measured.get(key) ?? { calls: 0 }
      measured.set(key, { calls: calls + 1, mean: movedMean(mean, ms, OWN) })
      shapeMeans.set(shape, movedMean(shapeMeans.get(shape), ms, OF_ALL))
    },
    isSlow(user, shape, mayBeSlow) {
      const key = keyOf(user, shape)
      const own = measured.get(key)
      const ofAll = shapeMeans.get(shape) ?? Infinity
      if (mayBeSlow) {
        if (own === undefined) {
          measured.set(key, { calls: 0 })
          return ofAll >= QUICK_MS
        }
        // While the first call runs, further ones are not let through beside it.
        if (own.mean === undefined) return true
        return (own.calls < FEW ? Math.min(own.mean, ofAll) : own.mean) >= QUICK_MS
      }
      // If the calls of all users are slow, the machine is busy, and no single call is to blame.
      return own?.mean !== undefined && own.mean > SLOW.ms && own.mean > SLOW.times * ofAll
    },
  }
}
