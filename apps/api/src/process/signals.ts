/** The signals that stop the process. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
export type Signal = (typeof SIGNALS)[number]

/**
 * A repeated signal within this time is a duplicate: npm and `node --watch` forward what a terminal or systemd has
 * already sent to all.
 */
const DUPLICATE_MS = 1000

// Replaced before the service starts (onFirstSignal).
let stop: (signal: Signal) => void = () => process.exit(0)
let first: { signal: Signal; at: number } | undefined

function onSignal(signal: Signal): void {
  const at = performance.now()
  if (first === undefined) {
    first = { signal, at }
    stop(signal)
  } else if (signal !== first.signal || at - first.at > DUPLICATE_MS) process.exit(1)
}

/**
 * Handles signals: the first one calls the callback of `onFirstSignal` or exits with 0; a second one exits at once with
 * 1.
 */
export function catchSignals(): void {
  for (const signal of SIGNALS) process.on(signal, onSignal)
}

/** Sets the callback for the first signal. */
export function onFirstSignal(callback: (signal: Signal) => void): void {
  stop = callback
}
