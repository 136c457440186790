import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A load to send. The generator is a process of its own, so that it does not delay the experiment's other requests. */
export interface Load {
  port: number
  /** Raw HTTP requests, drawn with equal probability. */
  requests: string[]
  seconds: number
  /** Closed loop: requests in flight at a time. */
  closed?: number
  /** Open loop: requests per second, whether or not earlier ones have a response. */
  rate?: number
  seed: number
}

/** Latencies of one kind of response, in milliseconds since the request was due. */
export interface Latencies {
  count: number
  p50: number
  p99: number
  max: number
}

export interface LoadResult {
  ok: Latencies
  /** 503 with Retry-After. */
  refused: Latencies
  /** Any other response, or none. */
  failed: Latencies
  /** The failed requests by status or error. */
  failures: Record<string, number>
  sent: number
  /** Requests sent more than 20 ms after they were due: the generator was too slow, or had no idle connection. */
  late: number
  connections: number
}

/**
 * All connections are open before the first request, like those of long-lived clients. Node accepts one connection per
 * iteration of its event loop (libuv issue 3696), so connecting under load would measure only the wait for that.
 */
const CONNECTIONS = { least: 50, most: 1000, perSecond: 0.3 }
/** Requests without a response this long after the end count as failed. */
const RESPONSE_TIMEOUT_MS = 10_000

interface Connection {
  socket: Socket
  /** When its request was due, by performance.now(). */
  dueAt: number
  isWaiting: boolean
  status: number
  retryAfter: boolean
  /** Bytes of the body still expected; -1 during the head, -2 for a chunked body. */
  left: number
  head: string
}

/** Sends the load and returns the results. */
export async function generate(load: Load): Promise<LoadResult> {
  const requests = load.requests.map((text) => Buffer.from(text))
  const times: Record<'ok' | 'refused' | 'failed', number[]> = { ok: [], refused: [], failed: [] }
  const failures: Record<string, number> = {}
  const idle: Connection[] = []
  const queuedDueTimes: number[] = []
  let state = load.seed >>> 0 || 1
  const { rate = 0 } = load
  const maxConnections =
    load.closed ?? Math.min(CONNECTIONS.most, Math.max(CONNECTIONS.least, Math.ceil(rate * CONNECTIONS.perSecond)))
  let [connectionCount, sent, answered, late, isOver] = [0, 0, 0, 0, false]
  const { promise: end, resolve } = Promise.withResolvers<void>()

  // Xorshift, because it costs almost nothing.
  function draw(): number {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % requests.length
  }
  function done(connection: Connection, kind: 'ok' | 'refused' | 'failed', what?: string): void {
    connection.isWaiting = false
    answered++
    times[kind].push(performance.now() - connection.dueAt)
    if (what !== undefined) failures[what] = (failures[what] ?? 0) + 1
  }
  function next(connection: Connection): void {
    const dueAt = queuedDueTimes.shift()
    if (dueAt !== undefined) send(connection, dueAt)
    else if (load.closed !== undefined && !isOver) {
      sent++
      send(connection, performance.now())
    } else {
      idle.push(connection)
      if (isOver && answered === sent) resolve()
    }
  }
  function send(connection: Connection, dueAt: number): void {
    connection.dueAt = dueAt
    connection.isWaiting = true
    connection.left = -1
    connection.head = ''
    if (performance.now() - dueAt > 20) late++
    connection.socket.write(requests[draw()] ?? '')
  }
  function finish(connection: Connection): void {
    const kind =
      connection.status === 200 ? 'ok' : connection.status === 503 && connection.retryAfter ? 'refused' : 'failed'
    done(connection, kind, kind === 'failed' ? String(connection.status) : undefined)
    next(connection)
  }
  function receive(connection: Connection, text: string): void {
    if (connection.left === -1) {
      connection.head += text
      const at = connection.head.indexOf('\r\n\r\n')
      if (at < 0) return
      connection.status = Number(connection.head.slice(9, 12))
      const head = connection.head.slice(0, at).toLowerCase()
      connection.retryAfter = head.includes('\r\nretry-after:')
      const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1]
      const body = connection.head.slice(at + 4)
      connection.left = length === undefined ? -2 : Number(length) - body.length
      if (connection.left === -2) connection.head = body.slice(-5)
    } else if (connection.left === -2) connection.head = (connection.head + text).slice(-5)
    else connection.left -= text.length
    if (connection.left === 0 || (connection.left === -2 && connection.head === '0\r\n\r\n')) finish(connection)
  }
  /** Opens a connection, and sends the request that was due at `dueAt`, if given. */
  function open(dueAt?: number): Socket {
    connectionCount++
    const socket = connect(load.port, '127.0.0.1')
    const isWaiting = dueAt !== undefined
    const connection: Connection = {
      socket,
      dueAt: dueAt ?? 0,
      isWaiting,
      status: 0,
      retryAfter: false,
      left: -1,
      head: '',
    }
    socket.setNoDelay(true).setEncoding('latin1')
    socket.once('connect', () => (dueAt === undefined ? idle.push(connection) : send(connection, dueAt)))
    socket.on('data', (text: string) => receive(connection, text))
    socket.on('error', () => {})
    socket.once('close', () => {
      connectionCount--
      const at = idle.indexOf(connection)
      if (at >= 0) idle.splice(at, 1)
      if (connection.isWaiting) done(connection, 'failed', 'connection closed')
      if (isOver && answered === sent) resolve()
    })
    return socket
  }
  function enqueue(dueAt: number): void {
    sent++
    const connection = idle.pop()
    if (connection !== undefined) send(connection, dueAt)
    else if (connectionCount < maxConnections) open(dueAt)
    else queuedDueTimes.push(dueAt)
  }

  for (let n = 0; n < maxConnections; n++) await once(open(), 'connect')
  const start = performance.now()
  for (let n = 0; n < (load.closed ?? 0); n++) enqueue(performance.now())
  const timer = setInterval(() => {
    const elapsed = Math.min(performance.now() - start, load.seconds * 1000)
    if (load.rate !== undefined)
      for (const due = Math.ceil((elapsed * load.rate) / 1000); sent < due;) enqueue(start + (sent * 1000) / load.rate)
    if (elapsed < load.seconds * 1000) return
    clearInterval(timer)
    isOver = true
    if (answered === sent) resolve()
    setTimeout(resolve, RESPONSE_TIMEOUT_MS).unref()
  }, 1)
  await end
  const unanswered = sent - answered
  for (let n = 0; n < unanswered; n++) times.failed.push(RESPONSE_TIMEOUT_MS)
  if (unanswered > 0) failures['no response'] = unanswered
  for (const { socket } of idle) socket.destroy()
  return { ...summarise(times), failures, sent, late, connections: connectionCount }
}

function summarise(
  times: Record<'ok' | 'refused' | 'failed', number[]>,
): Pick<LoadResult, 'ok' | 'refused' | 'failed'> {
  return { ok: latenciesOf(times.ok), refused: latenciesOf(times.refused), failed: latenciesOf(times.failed) }
}

function latenciesOf(all: number[]): Latencies {
  const sorted = Float64Array.from(all).sort()
  const at = (share: number): number => Math.round((sorted[Math.floor(share * sorted.length)] ?? 0) * 10) / 10
  return { count: all.length, p50: at(0.5), p99: at(0.99), max: Math.round((sorted.at(-1) ?? 0) * 10) / 10 }
}

// As a child process: receives loads as messages and sends the results back.
if (import.meta.main)
  process.on('message', (load: Load) => {
    void generate(load).then((result) => process.send?.(result))
  })
