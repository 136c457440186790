/** The signals that stop the process. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
export type Signal = (typeof SIGNALS)[number]

/** npm and `node --watch` forward a signal that a terminal or systemd has already sent to every process, so it arrives twice. */
const DUPLICATE_MS = 1000

// Replaced once there are requests to finish.
let stop: (signal: Signal) => void = () => process.exit(0)
let first: { signal: Signal; at: number } | undefined

function onSignal(signal: Signal): void {
  const at = performance.now()
  if (first === undefined) {
    first = { signal, at }
    stop(signal)
  } else if (signal !== first.signal || at - first.at > DUPLICATE_MS) process.exit(1)
}

/** Handles signals: the first one calls the callback or exits with 0, and another one exits at once with 1. */
export function catchSignals(): void {
  for (const signal of SIGNALS) process.on(signal, onSignal)
}

/** Sets the callback for the first signal. */
export function onFirstSignal(callback: (signal: Signal) => void): void {
  stop = callback
}
