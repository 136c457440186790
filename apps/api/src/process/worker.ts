import cluster from 'node:cluster'
import type { Registry } from 'prom-client'
import { onFirstSignal, type Signal, SIGNALS } from './signals.ts'

export type Figures = Awaited<ReturnType<Registry['getMetricsAsJSON']>>
/** What one of several processes says to the one that holds their port (supervise.ts), and hears from it. */
export type FromWorker = 'here' | 'ready' | 'ask figures' | { figures: Figures }
export type ToWorker = Signal | 'give figures' | { text: string }

export interface Worker {
  /** Speaks for all of them. */
  first: boolean
  /** It serves: the others may be started. */
  ready(): void
  /** Those of all, as Prometheus reads them; the others get this one's. */
  figures(own: Registry): () => Promise<string>
}

const say = (message: FromWorker): void => void process.send?.(message)

/** Undefined where this process is the only one. */
export function joinWorkers(): Worker | undefined {
  const { worker } = cluster
  if (worker === undefined) return undefined
  return {
    first: worker.id === 1,
    ready: () => say('ready'),
    figures(own) {
      let answer = (_text: string): void => {}
      process.on('message', (message: ToWorker) => {
        // Where there are none, the last ones do.
        if (message === 'give figures')
          own.getMetricsAsJSON().then(
            (figures) => say({ figures }),
            () => {},
          )
        else if (typeof message === 'object') answer(message.text)
      })
      // Whoever asks while another does gets the same (health.ts): there is one answer to wait for.
      return async () => {
        const { promise, resolve } = Promise.withResolvers<string>()
        answer = resolve
        say('ask figures')
        return await promise
      }
    },
  }
}

/** Calls back when it is to stop. */
export function onStop(stop: (signal: Signal) => void): void {
  if (cluster.isPrimary) return onFirstSignal(stop)
  process.on('message', (message) => {
    const signal = SIGNALS.find((one) => one === message)
    if (signal !== undefined) stop(signal)
  })
  // What was said before this was lost.
  say('here')
}
