/** Functions that are called at each change. */
export interface Listeners<A extends unknown[]> {
  /** Adds a listener; one that is added twice is called twice. Returns a function that removes it. */
  add(listener: (...args: A) => void): () => void
  /** Calls all of them. Errors that they throw are reported like other errors that a page has not handled. */
  call(...args: A): void
  readonly size: number
}

export function createListeners<A extends unknown[] = []>(): Listeners<A> {
  const all = new Set<(...args: A) => void>()
  return {
    add(listener) {
      const call = (...args: A): void => listener(...args)
      all.add(call)
      return () => void all.delete(call)
    },
    call(...args) {
      for (const listener of all)
        try {
          listener(...args)
        } catch (error) {
          // It is the page's own, and must not stop the store.
          reportError(error)
        }
    },
    get size() {
      return all.size
    },
  }
}
