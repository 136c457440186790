/**
 * Decides how many requests are processed at once. The limit follows the measured throughput: while work queues, the
 * limit is the number of requests that complete in 80 ms; while no work queues, the limit rises.
 */
export interface Admission {
  /** Returns false if the request should be refused before any work is done for it. */
  hasRoom(keyOf: () => string): boolean
  /** Counts a request as in progress. Returns the function that ends it; further calls of it do nothing. */
  begin(key: string): () => void
  /** Adapts the limit to a window of `duringMs`, in which work queued for at least `delayMs`. */
  adapt(delayMs: number, duringMs: number): void
  readonly limit: number
  readonly inProgress: number
}

export interface AdmissionOptions {
  /** Lower bound of the limit: with fewer requests, the database would be idle at times. */
  least: number
  /** The initial limit. */
  first: number
  /** Upper bound of the limit. */
  most: number
  /** How many calls in progress only wait; their requests do not count against the limit. */
  waiting?(): number
}

/** If work queues for longer than this throughout a window, there is a standing queue. */
const TARGET_MS = 20
/** The time that a request should take. By Little's law, the limit is the number of requests completed in this time. */
const WITHIN_MS = 80
const RISE = 1.1
/**
 * Per window, the estimate of the throughput falls to this part at most: little work does not show what is possible.
 */
const KEPT = 0.9

export function createAdmission({ least, first, most, waiting = () => 0 }: AdmissionOptions): Admission {
  // By user, or by network while the user is unknown.
  const inProgressByKey = new Map<string, number>()
  let limit = first
  let inProgress = 0
  // Requests that were admitted above the limit.
  let extra = 0
  let [peak, done, perMs] = [0, 0, 0]
  // One request may have many waiting calls, so at least half of the requests always count.
  const active = (): number => inProgress - Math.min(waiting(), Math.floor(inProgress / 2))
  return {
    hasRoom(keyOf) {
      if (active() < limit) return true
      // Above the limit, a caller with less than an equal share is still admitted, so that no caller can take all of it.
      // At most `limit` requests are admitted this way.
      if (extra >= limit || inProgressByKey.size >= limit) return false
      const own = inProgressByKey.get(keyOf()) ?? 0
      return own < Math.floor(limit / (inProgressByKey.size + (own === 0 ? 1 : 0)))
    },
    begin(key) {
      const isExtra = active() >= limit
      if (isExtra) extra++
      inProgress++
      peak = Math.max(peak, active())
      inProgressByKey.set(key, (inProgressByKey.get(key) ?? 0) + 1)
      let hasEnded = false
      return () => {
        if (hasEnded) return
        hasEnded = true
        done++
        inProgress--
        if (isExtra) extra--
        const others = (inProgressByKey.get(key) ?? 1) - 1
        if (others === 0) inProgressByKey.delete(key)
        else inProgressByKey.set(key, others)
      }
    },
    adapt(delayMs, duringMs) {
      perMs = Math.max(done / duringMs, KEPT * perMs)
      // If no more than `least` were in progress, a lower limit would change nothing.
      if (delayMs > TARGET_MS && peak > least) limit = Math.min(most, Math.max(least, Math.ceil(perMs * WITHIN_MS)))
      // Above `first` the limit rises only if it was reached.
      else if (delayMs <= TARGET_MS && (limit < first || peak >= limit))
        limit = Math.min(peak >= limit ? most : first, Math.ceil(limit * RISE))
      peak = active()
      done = 0
    },
    get limit() {
      return limit
    },
    get inProgress() {
      return inProgress
    },
  }
}

const TICK_MS = 10
const TICKS_PER_WINDOW = 10

/**
 * Measures how long work queues, and reports the minimum of each window: a queue that empties now and then is no standing
 * queue. The delay of the event loop is how late a timer fires. `waitedMs` returns the delay of all other queues.
 */
export function watchDelay(waitedMs: () => number, report: (delayMs: number, duringMs: number) => void): () => void {
  let due = performance.now() + TICK_MS
  let [least, ticks, windowStarted] = [Infinity, 0, performance.now()]
  const timer = setInterval(() => {
    const now = performance.now()
    least = Math.min(least, Math.max(now - due, waitedMs()))
    due = now + TICK_MS
    if (++ticks < TICKS_PER_WINDOW && now - windowStarted < TICKS_PER_WINDOW * TICK_MS) return
    report(least, now - windowStarted)
    ;[least, ticks, windowStarted] = [Infinity, 0, now]
  }, TICK_MS)
  timer.unref()
  return () => clearInterval(timer)
}
