import type { Pool } from '@taskwire/db'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Feed, FeedEvents } from '../feed/feed.ts'
import type { AdmissionGate } from './admission-gate.ts'
import type { BufferedBytes } from './buffered-bytes.ts'
import type { ConnectionLimits } from '../limits/connection-limits.ts'

/** The metrics at /metrics, for Prometheus. */
export interface Metrics {
  call(procedure: string, outcome: string, milliseconds: number): void
  feed: FeedEvents
  contentType: string
  text(): Promise<string>
}

export interface MetricsOptions {
  pool: Pool
  connectionLimits: Pick<ConnectionLimits, 'reads' | 'mutations' | 'slowCalls'>
  admissionGate: AdmissionGate
  bufferedBytes: Pick<BufferedBytes, 'bytes'>
  feed(): Pick<Feed, 'open' | 'opening' | 'listening'>
  /** Whether to add metrics of the process, such as its memory. */
  ofProcess: boolean
}

export function createMetrics(sources: MetricsOptions): Metrics {
  const registry = new Registry()
  if (sources.ofProcess) collectDefaultMetrics({ register: registry })
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
  addGauges(registry, sources)
  void new Counter({
    name: 'taskwire_refused_total',
    help: 'Requests refused on arrival, before any work',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(sources.admissionGate.refused)) this.inc({ reason }, count)
    },
  })
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers })
  const wakes = counter('taskwire_stream_wakeups_total', 'Spaces whose streams were woken, by cause', 'by')
  const reads = counter('taskwire_stream_reads_total', 'Reads of the log for streams')
  const polls = counter('taskwire_stream_polls_total', 'Polls for all streams of the process', 'outcome')
  const notifies = counter('taskwire_notifies_total', 'NOTIFYs sent to the other processes', 'outcome')
  return {
    feed: {
      onWake: (by, spaces) => wakes.inc({ by }, spaces),
      onWatched: (outcome) => polls.inc({ outcome }),
      onNotified: (outcome) => notifies.inc({ outcome }),
      onRead: () => reads.inc(),
    },
    call(procedure, outcome, milliseconds) {
      calls.inc({ procedure, outcome })
      seconds.observe({ procedure }, milliseconds / 1000)
    },
    contentType: registry.contentType,
    text: async () => await registry.metrics(),
  }
}

/** Adds metrics whose values are read when /metrics is requested. */
function addGauges(
  registry: Registry,
  { pool, connectionLimits, admissionGate, bufferedBytes, feed }: MetricsOptions,
): void {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('taskwire_pool_open', 'Connections to the database', () => pool.open)
  gauge('taskwire_pool_busy', 'Connections in use', () => pool.busy)
  gauge('taskwire_pool_waiting', 'Calls that wait for a connection', () => pool.waiting)
  gauge(
    'taskwire_reads_waiting',
    'Reads that wait for other reads of the same user',
    () => connectionLimits.reads.waiting,
  )
  gauge(
    'taskwire_writes_waiting',
    'Mutations that wait for another mutation of the same space',
    () => connectionLimits.mutations.waiting,
  )
  gauge(
    'taskwire_slow_running',
    'Searches, counts, exports and other slow calls in the database',
    () => connectionLimits.slowCalls.running,
  )
  gauge(
    'taskwire_slow_waiting',
    'Slow calls that wait for other slow calls, of any user',
    () => connectionLimits.slowCalls.waiting,
  )
  gauge(
    'taskwire_requests_in_progress',
    'Requests for calls that are in progress',
    () => admissionGate.calls.inProgress,
  )
  gauge('taskwire_requests_limit', 'The limit on requests in progress', () => admissionGate.calls.limit)
  gauge('taskwire_buffered_bytes', 'Buffered bytes of request bodies and of replies', () => bufferedBytes.bytes)
  gauge('taskwire_streams', 'Streams that are open', () => feed().open)
  gauge('taskwire_streams_opening', 'Streams that are opening, most of them waiting', () => feed().opening)
  gauge('taskwire_listening', '1 while this process receives notifications of other processes', () =>
    Number(feed().listening),
  )
}
