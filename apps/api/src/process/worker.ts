import cluster from 'node:cluster'
import type { Registry } from 'prom-client'
import { onFirstSignal, type Signal, SIGNALS } from './signals.ts'

export type ProcessMetrics = Awaited<ReturnType<Registry['getMetricsAsJSON']>>
/** Messages between a worker process and the supervisor, which holds their port (supervise.ts). */
export type FromWorker = 'listening for signals' | 'ready' | 'collect metrics' | { metrics: ProcessMetrics }
export type ToWorker = Signal | 'send metrics' | { text: string }

export interface Worker {
  /** Only the first worker prints progress messages. */
  isFirst: boolean
  /** Reports that this worker serves, so that the supervisor starts the others. */
  ready(): void
  /** Offers this worker's metrics to the supervisor; the returned function reads those of all workers. */
  collectMetrics(own: Registry): () => Promise<string>
}

const send = (message: FromWorker): void => void process.send?.(message)

/** Connects this process to its supervisor; undefined if it has none. */
export function joinWorkers(): Worker | undefined {
  const { worker } = cluster
  if (worker === undefined) return undefined
  return {
    isFirst: worker.id === 1,
    ready: () => send('ready'),
    collectMetrics(own) {
      let onText = (_text: string): void => {}
      process.on('message', (message: ToWorker) => {
        // If this fails, the supervisor uses the previous metrics.
        if (message === 'send metrics')
          own.getMetricsAsJSON().then(
            (metrics) => send({ metrics }),
            () => {},
          )
        else if (typeof message === 'object') onText(message.text)
      })
      // Concurrent requests share one collection (health.ts), so there is only one reply to wait for.
      return async () => {
        const { promise, resolve } = Promise.withResolvers<string>()
        onText = resolve
        send('collect metrics')
        return await promise
      }
    },
  }
}

/** Calls back when the process is to stop. */
export function onStop(stop: (signal: Signal) => void): void {
  if (cluster.isPrimary) return onFirstSignal(stop)
  process.on('message', (message) => {
    const signal = SIGNALS.find((one) => one === message)
    if (signal !== undefined) stop(signal)
  })
  // A signal that was sent before this listener existed is lost: now the supervisor sends it again.
  send('listening for signals')
}
