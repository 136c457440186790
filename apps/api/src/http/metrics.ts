import type { Pool } from '@taskwire/db'
import { type Aggregator, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Feed, FeedEvents } from '../feed/feed.ts'
import type { AdmissionGate } from './admission-gate.ts'
import type { BufferedBytes } from './buffered-bytes.ts'
import type { ConnectionLimits } from '../limits/connection-limits.ts'

/** What Prometheus reads at /metrics. */
export interface Metrics {
  call(procedure: string, outcome: string, milliseconds: number): void
  feed: FeedEvents
  contentType: string
  text(): Promise<string>
}

export interface MetricsOptions {
  pool: Pool
  shares: Pick<ConnectionLimits, 'readers' | 'writers' | 'slow'>
  gate: AdmissionGate
  held: Pick<BufferedBytes, 'bytes'>
  feed(): Pick<Feed, 'open' | 'opening' | 'listening'>
  /** Given this process's, gives those of all processes; where there are several. */
  all?: ((own: Registry) => () => Promise<string>) | undefined
}

export function createMetrics({ pool, shares, gate, held, feed, all }: MetricsOptions): Metrics {
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
  const gauge = (name: string, help: string, read: () => number, aggregator: Aggregator = 'sum'): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      // Of several processes.
      aggregator,
      collect() {
        this.set(read())
      },
    })
  gauge('taskwire_processes', 'Processes that serve this port (WORKERS)', () => 1)
  gauge('taskwire_pool_open', 'Connections to the database', () => pool.open)
  gauge('taskwire_pool_busy', 'Connections in use', () => pool.busy)
  gauge('taskwire_pool_waiting', 'Calls that wait for a connection', () => pool.waiting)
  gauge('taskwire_reads_waiting', 'Reads that wait for others of the same user', () => shares.readers.waiting)
  gauge('taskwire_writes_waiting', 'Mutations that wait for another of the same space', () => shares.writers.waiting)
  gauge(
    'taskwire_slow_running',
    'Searches, counts, exports and other slow calls in the database',
    () => shares.slow.running,
  )
  gauge('taskwire_slow_waiting', 'Slow calls that wait for others of any user', () => shares.slow.waiting)
  gauge('taskwire_requests_inside', 'Requests for calls that are worked on', () => gate.calls.inside)
  gauge('taskwire_requests_limit', 'How many may be, as measured', () => gate.calls.limit)
  gauge('taskwire_held_bytes', 'Bytes of bodies that come, and of replies that are not taken yet', () => held.bytes)
  void new Counter({
    name: 'taskwire_refused_total',
    help: 'Requests refused at the gate, before anything was done for them',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(gate.refused)) this.inc({ reason }, count)
    },
  })
  gauge('taskwire_streams', 'Streams that are open', () => feed().open)
  gauge('taskwire_streams_opening', 'Streams that open, most of them in line', () => feed().opening)
  gauge('taskwire_listening', '1 while wake-ups of other processes are heard', () => Number(feed().listening), 'min')
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers })
  const wakes = counter('taskwire_stream_wakeups_total', 'Users whose streams were woken, by what', 'by')
  const reads = counter('taskwire_stream_reads_total', 'Reads of the log for streams')
  const polls = counter('taskwire_stream_polls_total', 'Polls for all streams of the process', 'outcome')
  const notifies = counter('taskwire_notifies_total', 'NOTIFYs to the other processes', 'outcome')
  return {
    feed: {
      onWake: (by, users) => wakes.inc({ by }, users),
      onWatched: (outcome) => polls.inc({ outcome }),
      onNotified: (outcome) => notifies.inc({ outcome }),
      onRead: () => reads.inc(),
    },
    call(procedure, outcome, milliseconds) {
      calls.inc({ procedure, outcome })
      seconds.observe({ procedure }, milliseconds / 1000)
    },
    contentType: registry.contentType,
    text: all?.(registry) ?? (async () => await registry.metrics()),
  }
}
