import type { Database } from '@taskwire/db'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What Prometheus reads at /metrics. */
export interface Metrics {
  call(procedure: string, outcome: string, milliseconds: number): void
  contentType: string
  text(): Promise<string>
}

export function createMetrics(database: Database): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const calls = new Counter({
    name: 'taskwire_calls_total',
    help: 'Calls by procedure and outcome',
    labelNames: ['procedure', 'outcome'],
    registers,
  })
  const seconds = new Histogram({
    name: 'taskwire_call_seconds',
    help: 'Time of a call in the service, in seconds',
    labelNames: ['procedure'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  for (const [state, help] of [
    ['open', 'Connections to the database'],
    ['busy', 'Connections in use'],
    ['waiting', 'Calls that wait for a connection'],
  ] as const)
    new Gauge({
      name: `taskwire_pool_${state}`,
      help,
      registers,
      collect() {
        this.set(database.pool[state])
      },
    })
  return {
    call(procedure, outcome, milliseconds) {
      calls.inc({ procedure, outcome })
      seconds.observe({ procedure }, milliseconds / 1000)
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}
