import cluster from 'node:cluster'
import type { Registry } from 'prom-client'
import { type Signal, SIGNALS } from './ending.ts'
import { AppError } from './errors.ts'

/** What one of several processes says to the one that holds their port (supervise.ts), and hears from it. */
export type FromWorker = 'ready' | 'ask figures' | { figures: object[] }
export type ToWorker = Signal | 'give figures' | { figures: string | null }

export interface Worker {
  /** Speaks for all of them. */
  first: boolean
  /** It serves: the others may be started. */
  ready(): void
  /** Those of all, as Prometheus reads them; the others get this one's. */
  figures(own: Registry): () => Promise<string>
}

/** Undefined where this process is the only one. */
export function joinWorkers(): Worker | undefined {
  const { worker } = cluster
  if (worker === undefined) return undefined
  const say = (message: FromWorker): void => void process.send?.(message)
  return {
    first: worker.id === 1,
    ready: () => say('ready'),
    figures(own) {
      let answer = (_figures: string | null): void => {}
      process.on('message', (message: ToWorker) => {
        if (message === 'give figures') void own.getMetricsAsJSON().then((figures) => say({ figures }))
        else if (typeof message === 'object') answer(message.figures)
      })
      // Whoever asks while another does gets the same (health.ts): there is one answer to wait for.
      return async () => {
        const { promise, resolve } = Promise.withResolvers<string | null>()
        answer = resolve
        say('ask figures')
        const figures = await promise
        if (figures === null)
          throw new AppError('UNAVAILABLE', 'One of the processes has not given its figures; ask again.')
        return figures
      }
    },
  }
}

/** Calls back at each signal to stop. */
export function onSignal(stop: (signal: Signal) => void): void {
  // A terminal sends it to every process, and so do many supervisors: it is passed on by the one that holds the port.
  for (const signal of SIGNALS) process.on(signal, () => cluster.isWorker || stop(signal))
  process.on('message', (message) => {
    const signal = SIGNALS.find((one) => one === message)
    if (signal !== undefined) stop(signal)
  })
}
