/** What the calls of a user have taken the database so far, by their shape. */
export interface Costs {
  /** Takes what a call has taken, in milliseconds. */
  learn(key: string, ms: number): void
  /** Whether a call is to wait with the slow ones: by what is known of its like, else by whether it may be slow. */
  isSlow(key: string, mayBeSlow: boolean): boolean
}

/** Below this a call that may be slow is not. Exporting a page takes some 15 ms. */
const QUICK_MS = 10
/** Above this a call is slow, though its shape did not say so. */
const SLOW_MS = 50
/** Keys that are remembered, from as many to twice as many. */
const MOST = 10_000
/** A call is quicker for a reason, and slower where others take the processor. */
const WEIGHT = { quicker: 0.5, slower: 0.1 }

export function createCosts(): Costs {
  let recent = new Map<string, number>()
  let before = new Map<string, number>()
  const known = (key: string): number | undefined => recent.get(key) ?? before.get(key)
  return {
    learn(key, ms) {
      const mean = known(key) ?? ms
      if (recent.size >= MOST && !recent.has(key)) [before, recent] = [recent, new Map()]
      recent.set(key, mean + (ms - mean) * (ms < mean ? WEIGHT.quicker : WEIGHT.slower))
    },
    isSlow(key, mayBeSlow) {
      const ms = known(key)
      return mayBeSlow ? ms === undefined || ms >= QUICK_MS : ms !== undefined && ms > SLOW_MS
    },
  }
}
