import cluster from 'node:cluster'

/** The signals that tell a process to stop. */
export const SIGNALS = ['SIGINT', 'SIGTERM'] as const
export type Signal = (typeof SIGNALS)[number]

/** npm and `node --watch` pass on what a terminal or systemd has sent to every process: it comes twice within moments. */
const SAME_MS = 1000

// Until there is something to finish.
let stop: (signal: Signal) => void = () => process.exit(0)
let first: { signal: Signal; at: number } | undefined

function onSignal(signal: Signal): void {
  // It is told by the process that holds the port, which got it as well (worker.ts).
  if (cluster.isWorker) return
  const at = performance.now()
  if (first === undefined) {
    first = { signal, at }
    stop(signal)
  } else if (signal !== first.signal || at - first.at > SAME_MS) process.exit(1)
}

/** From now on the first signal calls back, or ends the process with 0; another one ends it at once, with 1. */
export function catchSignals(): void {
  for (const signal of SIGNALS) process.on(signal, onSignal)
}

/** What the first signal calls. */
export function onFirstSignal(callback: (signal: Signal) => void): void {
  stop = callback
}
