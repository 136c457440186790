/** What the calls of each user have taken the database so far, by their shape. */
export interface CallCosts {
  /** Takes what a call has taken, in milliseconds. */
  learn(user: string, shape: string, ms: number): void
  /** Whether a call is to wait with the slow ones: by what is known of its like, else by whether it may be slow. */
  isSlow(user: string, shape: string, mayBeSlow: boolean): boolean
}

/** Below this a call that may be slow is not. Exporting a page takes some 15 ms. */
const QUICK_MS = 10
/** A call is slow, though its shape did not say so, above this, and where the quick ones of its shape take a fraction. */
const SLOW = { ms: 50, times: 5 }
/** Users and shapes that are remembered, from as many to twice as many. */
const MOST = 10_000
/** How far a mean moves. A call is quicker for a reason, and slower where others take the processor. */
const OWN = { quicker: 0.5, slower: 0.1 }
const OF_ALL = { quicker: 0.5, slower: 0.01 }

const moved = (mean: number, ms: number, by: typeof OWN): number =>
  mean + (ms - mean) * (ms < mean ? by.quicker : by.slower)

export function createCallCosts(): CallCosts {
  let recent = new Map<string, number>()
  let before = new Map<string, number>()
  /** Of all users; the shapes are few. */
  const ofAll = new Map<string, number>()
  const keyOf = (user: string, shape: string): string => `${user} ${shape}`
  const known = (key: string): number | undefined => recent.get(key) ?? before.get(key)
  return {
    learn(user, shape, ms) {
      const key = keyOf(user, shape)
      if (recent.size >= MOST && !recent.has(key)) [before, recent] = [recent, new Map()]
      recent.set(key, moved(known(key) ?? ms, ms, OWN))
      ofAll.set(shape, moved(ofAll.get(shape) ?? ms, ms, OF_ALL))
    },
    isSlow(user, shape, mayBeSlow) {
      const ms = known(keyOf(user, shape))
      if (mayBeSlow) return ms === undefined || ms >= QUICK_MS
      // Where the calls of all take long, the machine is short of time, and none of them is slow.
      return ms !== undefined && ms > SLOW.ms && ms > SLOW.times * (ofAll.get(shape) ?? ms)
    },
  }
}
