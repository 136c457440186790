/** A value that changes, in the shape that React's `useSyncExternalStore` takes. */
export interface Live<T> {
  /** Returns the value. It is the same object until the value changes. */
  get(): T
  /** Calls `listener` after each change. Returns a function that ends this. */
  subscribe(listener: () => void): () => void
}
