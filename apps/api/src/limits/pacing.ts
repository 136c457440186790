/** Waits until the event loop may be blocked again. Call it before each piece of work on a large input. */
export type Pace = () => Promise<void>

/** Work that blocks the event loop for no longer than this does not delay other requests noticeably. */
const TURN_MS = 10
/** UTF-16 units of a body. Smaller bodies need no pacing. */
const LARGE_UNITS = 32 * 1024

let turnStarted = -Infinity
let queue: Promise<void> = Promise.resolve()

async function nextTurn(): Promise<void> {
  if (performance.now() - turnStarted < TURN_MS) return
  await new Promise((resolve) => setImmediate(resolve))
  turnStarted = performance.now()
}

/**
 * Returns the pacing for a large body; undefined for any other. All large bodies share one queue: each turn of the event
 * loop works on them for `TURN_MS` plus the rest of the last piece, so that other requests are served in between.
 */
export function pacingFor(body: unknown): Pace | undefined {
  return typeof body === 'string' && body.length > LARGE_UNITS
    ? async () => await (queue = queue.then(nextTurn))
    : undefined
}
