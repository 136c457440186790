/** Those who wait for something, in the order of asking. */
export interface WaitQueue<T> {
  readonly size: number
  /** Since when the first has waited, as performance.now() counts; undefined where nobody waits. */
  readonly since: number | undefined
  /** Rejects with `late` after `withinMs`, and with `gone` when the signal aborts, or has aborted before. */
  wait(withinMs: number, late: () => Error, gone?: { signal: AbortSignal; error: () => Error }): Promise<T>
  /** Gives to the first; false where nobody waits. */
  give(value: T): boolean
  /** Rejects the one that came last. */
  rejectLast(error: () => Error): void
  rejectAll(error: () => Error): void
}

export function createWaitQueue<T>(): WaitQueue<T> {
  // No Set: more of what has stood in one grows old (docs/where-time-goes.md).
  let waiting: { since: number; resolve(value: T): void; reject(error: Error): void }[] = []
  return {
    get size() {
      return waiting.length
    },
    get since() {
      return waiting[0]?.since
    },
    async wait(withinMs, late, gone) {
      // A signal that has aborted already raises no further event.
      if (gone?.signal.aborted) throw gone.error()
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      const timer = setTimeout(() => waiter.reject(late()), withinMs)
      const abort = (): void => waiter.reject(gone?.error() ?? late())
      gone?.signal.addEventListener('abort', abort)
      const leave = (): void => {
        clearTimeout(timer)
        gone?.signal.removeEventListener('abort', abort)
        waiting = waiting.filter((other) => other !== waiter)
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
      waiting = [...waiting, waiter]
      return await promise
    },
    give(value) {
      const [first] = waiting
      first?.resolve(value)
      return first !== undefined
    },
    rejectLast(error) {
      waiting.at(-1)?.reject(error())
    },
    rejectAll(error) {
      for (const waiter of waiting) waiter.reject(error())
    },
  }
}
