/** Those who wait for something, in the order of asking. */
export interface Queue<T> {
  readonly size: number
  /** Rejects with `late` after `withinMs`. */
  wait(withinMs: number, late: () => Error): Promise<T>
  /** Gives to the first; false where nobody waits. */
  give(value: T): boolean
  rejectAll(error: () => Error): void
}

export function createQueue<T>(): Queue<T> {
  const waiting = new Set<{ resolve(value: T): void; reject(error: Error): void }>()
  return {
    get size() {
      return waiting.size
    },
    async wait(withinMs, late) {
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      const timer = setTimeout(() => waiter.reject(late()), withinMs)
      const leave = (): void => {
        clearTimeout(timer)
        waiting.delete(waiter)
      }
      const waiter = {
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
    rejectAll(error) {
      for (const waiter of waiting) waiter.reject(error())
    },
  }
}
