/** Waits until the event loop may be blocked again. Call it before each piece of work on a large input. */
export type Pace = () => Promise<void>

/** Work that blocks the event loop for no longer than this does not delay other requests noticeably. */
const WORK_MS = 10
/** UTF-16 units of a body. Smaller bodies need no pacing. */
const LARGE_UNITS = 32 * 1024

let workBegan = -Infinity
let queue: Promise<void> = Promise.resolve()

async function waitForEventLoop(): Promise<void> {
  if (performance.now() - workBegan < WORK_MS) return
  await new Promise((resolve) => setImmediate(resolve))
  workBegan = performance.now()
}

/**
 * Returns the pacing for a large body; undefined for any other. All large bodies share one queue: each iteration of the
 * event loop works on them for `WORK_MS` plus the rest of the last piece, so that other requests are served in between.
 */
export function pacingFor(body: unknown): Pace | undefined {
  return typeof body === 'string' && body.length > LARGE_UNITS
    ? async () => await (queue = queue.then(waitForEventLoop))
    : undefined
}
