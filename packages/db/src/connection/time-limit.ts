/**
 * Calls `onLate` after `ms`, unless the limit is disposed of before. Node's own disposable timer is not used, since
 * fake timers lack it.
 */
export function timeLimit(ms: number, onLate: () => void): Disposable {
  const timer = setTimeout(onLate, ms)
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}
