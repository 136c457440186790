import { createListeners } from './listeners.ts'
import type { Live } from './live.ts'
import type { Changed, View } from './view.ts'

/** Milliseconds after which a value that depends on the time is computed again. */
const CLOCK_MS = 15_000

/**
 * Returns a value that is computed from the view when it is asked for, and at each change while it is subscribed.
 * `next` returns the value after a change of some rows, or, with `all`, computes it anew. If it returns `previous`, the
 * value has not changed.
 */
export function derive<T>(
  view: View,
  next: (previous: T | undefined, changed: Changed) => T,
  dependsOnTime = false,
): Live<T> {
  let current: { value: T; version: number; at: number } | undefined
  const listeners = createListeners()
  let stop = (): void => {}

  function update(changed: Changed): T {
    const previous = current?.value
    const value = next(previous, changed)
    current = { value, version: view.version, at: Date.now() }
    if (value !== previous) listeners.call()
    return value
  }
  function get(): T {
    // While it is subscribed, the timer computes it.
    const isOld = dependsOnTime && listeners.size === 0 && Math.abs(Date.now() - (current?.at ?? 0)) >= CLOCK_MS
    return current?.version === view.version && !isOld ? current.value : update('all')
  }

  return {
    get,
    subscribe(listener) {
      if (listeners.size === 0) {
        get()
        const unsubscribe = view.subscribe(update)
        const timer = dependsOnTime ? setInterval(() => update('all'), CLOCK_MS) : undefined
        stop = () => {
          unsubscribe()
          clearInterval(timer)
        }
      }
      const remove = listeners.add(listener)
      return () => {
        remove()
        if (listeners.size > 0) return
        stop()
        stop = () => {}
      }
    },
  }
}
