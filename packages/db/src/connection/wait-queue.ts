/** A first-in, first-out queue of callers that wait for a value. */
export interface WaitQueue<T> {
  readonly size: number
  /** The performance.now() at which the first waiter joined; undefined if the queue is empty. */
  readonly since: number | undefined
  /** Waits for a value. Rejects with `late()` after `withinMs`, and with `gone.error()` if the signal is or gets aborted. */
  wait(withinMs: number, late: () => Error, gone?: { signal: AbortSignal; error: () => Error }): Promise<T>
  /** Gives the value to the first waiter; false if the queue is empty. */
  give(value: T): boolean
  /** Rejects the waiter that joined last. */
  rejectLast(error: () => Error): void
  rejectAll(error: () => Error): void
}

export function createWaitQueue<T>(): WaitQueue<T> {
  const waiting = new Set<{ since: number; resolve(value: T): void; reject(error: Error): void }>()
  return {
    get size() {
      return waiting.size
    },
    get since() {
      const [first] = waiting
      return first?.since
    },
    async wait(withinMs, late, gone) {
      // An aborted signal raises no further event.
      if (gone?.signal.aborted) throw gone.error()
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      const timer = setTimeout(() => waiter.reject(late()), withinMs)
      const abort = (): void => waiter.reject(gone?.error() ?? late())
      gone?.signal.addEventListener('abort', abort)
      const leave = (): void => {
        clearTimeout(timer)
        gone?.signal.removeEventListener('abort', abort)
        waiting.delete(waiter)
      }
      const waiter = {
        since: performance.now(),
        resolve(value: T) {
          leave()
          resolve(value)
        },
        reject(error: Error) {
          leave()
          reject(error)
        },
      }
      waiting.add(waiter)
      return await promise
    },
    give(value) {
      const [first] = waiting
      first?.resolve(value)
      return first !== undefined
    },
    rejectLast(error) {
      ;[...waiting].at(-1)?.reject(error())
    },
    rejectAll(error) {
      for (const waiter of waiting) waiter.reject(error())
    },
  }
}
