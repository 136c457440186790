/** Milliseconds after which what depends on the time is looked at again. */
const EVERY = 15_000

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function tick(): void {
  for (const listener of listeners) listener()
}

/** Calls `listener` now and then, for as long as something on the page depends on the time. Returns how to end it. */
export function onTick(listener: () => void): () => void {
  if (listeners.size === 0) {
    timer = setInterval(tick, EVERY)
    // A device that wakes up has not counted the time.
    addEventListener('focus', tick)
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    removeEventListener('focus', tick)
  }
}
