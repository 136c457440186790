/**
 * Decides how many requests are worked on at once. What the service can do is measured: while work
 * stands in line, as many as it has been getting done in 80 ms; while none does, more and more.
 */
export interface Admission {
  /** False where the request is to be refused now, before anything is done for it. */
  mayEnter(keyOf: () => string): boolean
  /** Counts a request in; gives what counts it out, once. */
  enter(key: string): () => void
  /** Adapts the limit to what has been in these milliseconds: how long work stood in line, and what was done. */
  adapt(delayMs: number, duringMs: number): void
  readonly limit: number
  readonly inside: number
}

export interface AdmissionOptions {
  /** Never fewer: the database would idle. */
  least: number
  /** To begin with. */
  first: number
  /** Never more. */
  most: number
  /** Calls of those inside that wait and are not worked on: these take no place. */
  parked?(): number
}

/** Waiting for longer than this, for as long as a window, is a standing queue. */
const TARGET_MS = 20
/** By Little's law a limit of what is done in so long is one under which each takes so long. */
const WITHIN_MS = 80
const RISE = 1.1
/** What was done in a window that had less to do counts for the next ones, less each time. */
const KEPT = 0.9

export function createAdmission({ least, first, most, parked = () => 0 }: AdmissionOptions): Admission {
  // By user, or by address as long as the user is not known.
  const insideBy = new Map<string, number>()
  let limit = first
  let inside = 0
  // Of those, who came in when it was full.
  let extra = 0
  let [peak, done, perMs] = [0, 0, 0]
  // One request may have many calls that wait: whatever there are, half of the requests count.
  const active = (): number => inside - Math.min(parked(), Math.floor(inside / 2))
  return {
    mayEnter(keyOf) {
      if (active() < limit) return true
      // Where it is full, whoever has less than an equal part comes in all the same: nobody can fill it
      // for others. As many again may be inside by that, and no more.
      if (extra >= limit || insideBy.size >= limit) return false
      const own = insideBy.get(keyOf()) ?? 0
      return own < Math.floor(limit / (insideBy.size + (own === 0 ? 1 : 0)))
    },
    enter(key) {
      const isExtra = active() >= limit
      if (isExtra) extra++
      inside++
      peak = Math.max(peak, active())
      insideBy.set(key, (insideBy.get(key) ?? 0) + 1)
      let left = false
      return () => {
        if (left) return
        left = true
        done++
        inside--
        if (isExtra) extra--
        const others = (insideBy.get(key) ?? 1) - 1
        if (others === 0) insideBy.delete(key)
        else insideBy.set(key, others)
      }
    },
    adapt(delayMs, duringMs) {
      perMs = Math.max(done / duringMs, KEPT * perMs)
      // Where no more than the least was inside, letting in fewer would change nothing.
      if (delayMs > TARGET_MS && peak > least) limit = Math.min(most, Math.max(least, Math.ceil(perMs * WITHIN_MS)))
      // Above the first, only a limit that was reached says that there may be more.
      else if (delayMs <= TARGET_MS && (limit < first || peak >= limit))
        limit = Math.min(peak >= limit ? most : first, Math.ceil(limit * RISE))
      peak = active()
      done = 0
    },
    get limit() {
      return limit
    },
    get inside() {
      return inside
    },
  }
}

const TICK_MS = 10
/** As long as a window is, in ticks. */
const TICKS = 10

/**
 * Measures how long work stands in line, and tells the least of each window: a queue that empties
 * now and then is none. The event loop's line is how late a timer fires; `waitedMs` are the others.
 */
export function watchDelay(waitedMs: () => number, tell: (delayMs: number, duringMs: number) => void): () => void {
  let due = performance.now() + TICK_MS
  let [least, ticks, began] = [Infinity, 0, performance.now()]
  const timer = setInterval(() => {
    const now = performance.now()
    least = Math.min(least, Math.max(now - due, waitedMs()))
    due = now + TICK_MS
    if (++ticks < TICKS && now - began < TICKS * TICK_MS) return
    tell(least, now - began)
    ;[least, ticks, began] = [Infinity, 0, now]
  }, TICK_MS)
  timer.unref()
  return () => clearInterval(timer)
}
