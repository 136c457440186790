/** Waits until the event loop may be held again: called before each piece of work on a large input. */
export type Pace = () => Promise<void>

/** What takes no longer than this in one turn of the event loop holds nobody up. */
const TURN_MS = 10
/** UTF-16 units of a body: what smaller ones take is not felt. */
const LARGE = 32 * 1024

let began = -Infinity
let line: Promise<void> = Promise.resolve()

async function nextTurn(): Promise<void> {
  if (performance.now() - began < TURN_MS) return
  await new Promise((resolve) => setImmediate(resolve))
  began = performance.now()
}

/**
 * For a large body; undefined for any other. All of them share one queue: each turn of the event loop works on
 * them for `TURN_MS` and the rest of the last piece, so that other requests are answered in between.
 */
export function pacingFor(body: unknown): Pace | undefined {
  return typeof body === 'string' && body.length > LARGE ? async () => await (line = line.then(nextTurn)) : undefined
}
