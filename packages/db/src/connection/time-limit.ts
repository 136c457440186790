/** Calls `onLate` after `ms`, unless it is disposed of before. Not Node's own disposable timer, which fake timers lack. */
export function timeLimit(ms: number, onLate: () => void): Disposable {
  const timer = setTimeout(onLate, ms)
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}
