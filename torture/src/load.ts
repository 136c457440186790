import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What the generator is told to do: a process of its own, so that it takes no time of what it measures. */
export interface Load {
  port: number
  /** Whole requests, byte for byte; each is drawn as often as the others. */
  requests: string[]
  seconds: number
  /** So many at a time, each as soon as its last was answered; or so many a second, whatever comes back. */
  closed?: number
  rate?: number
  seed: number
}

/** What came of one kind of answer, in milliseconds from when it was meant to be sent. */
export interface Times {
  count: number
  p50: number
  p99: number
  max: number
}

export interface Seen {
  ok: Times
  /** 503 with Retry-After. */
  refused: Times
  /** Any other answer, and none. */
  failed: Times
  /** What `failed` was, by status. */
  failures: Record<string, number>
  sent: number
  /** Sent later than 20 ms after they were meant to be: then the generator itself was too slow. */
  late: number
  connections: number
}

/**
 * All are open before the first is sent, as those of clients that have been there. Node accepts one in
 * each turn of its loop (libuv 3696): opened under load, they would tell of that queue and of nothing else.
 */
const CONNECTIONS = { least: 50, most: 1000, perSecond: 0.3 }
/** What has not been answered so long after the end counts as failed. */
const PATIENCE_MS = 10_000

interface Line {
  socket: Socket
  began: number
  waiting: boolean
  status: number
  retryAfter: boolean
  /** Bytes that are still to come; -1 while the head is, -2 where they come in chunks. */
  left: number
  head: string
}

/** Sends the load, and gives what was seen. */
export async function generate(load: Load): Promise<Seen> {
  const requests = load.requests.map((text) => Buffer.from(text))
  const times: Record<'ok' | 'refused' | 'failed', number[]> = { ok: [], refused: [], failed: [] }
  const failures: Record<string, number> = {}
  const idle: Line[] = []
  const waiting: number[] = []
  let state = load.seed >>> 0 || 1
  const { rate = 0 } = load
  const most =
    load.closed ?? Math.min(CONNECTIONS.most, Math.max(CONNECTIONS.least, Math.ceil(rate * CONNECTIONS.perSecond)))
  let [connections, sent, answered, late, over] = [0, 0, 0, 0, false]
  const { promise: end, resolve } = Promise.withResolvers<void>()

  // xorshift: the generator is to cost next to nothing.
  function draw(): number {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % requests.length
  }
  function done(line: Line, kind: 'ok' | 'refused' | 'failed', what?: string): void {
    line.waiting = false
    answered++
    times[kind].push(performance.now() - line.began)
    if (what !== undefined) failures[what] = (failures[what] ?? 0) + 1
  }
  function next(line: Line): void {
    const meant = waiting.shift()
    if (meant !== undefined) send(line, meant)
    else if (load.closed !== undefined && !over) {
      sent++
      send(line, performance.now())
    } else {
      idle.push(line)
      if (over && answered === sent) resolve()
    }
  }
  function send(line: Line, meant: number): void {
    line.began = meant
    line.waiting = true
    line.left = -1
    line.head = ''
    if (performance.now() - meant > 20) late++
    line.socket.write(requests[draw()] ?? '')
  }
  function finish(line: Line): void {
    const kind = line.status === 200 ? 'ok' : line.status === 503 && line.retryAfter ? 'refused' : 'failed'
    done(line, kind, kind === 'failed' ? String(line.status) : undefined)
    next(line)
  }
  function hear(line: Line, text: string): void {
    if (line.left === -1) {
      line.head += text
      const at = line.head.indexOf('\r\n\r\n')
      if (at < 0) return
      line.status = Number(line.head.slice(9, 12))
      const head = line.head.slice(0, at).toLowerCase()
      line.retryAfter = head.includes('\r\nretry-after:')
      const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1]
      const body = line.head.slice(at + 4)
      line.left = length === undefined ? -2 : Number(length) - body.length
      if (line.left === -2) line.head = body.slice(-5)
    } else if (line.left === -2) line.head = (line.head + text).slice(-5)
    else line.left -= text.length
    if (line.left === 0 || (line.left === -2 && line.head === '0\r\n\r\n')) finish(line)
  }
  /** For a request that was meant to be sent then, or for one to come. */
  function open(meant?: number): Socket {
    connections++
    const socket = connect(load.port, '127.0.0.1')
    const waiting = meant !== undefined
    const line: Line = { socket, began: meant ?? 0, waiting, status: 0, retryAfter: false, left: -1, head: '' }
    socket.setNoDelay(true).setEncoding('latin1')
    socket.once('connect', () => (meant === undefined ? idle.push(line) : send(line, meant)))
    socket.on('data', (text: string) => hear(line, text))
    socket.on('error', () => {})
    socket.once('close', () => {
      connections--
      const at = idle.indexOf(line)
      if (at >= 0) idle.splice(at, 1)
      if (line.waiting) done(line, 'failed', 'hung up')
      if (over && answered === sent) resolve()
    })
    return socket
  }
  function demand(meant: number): void {
    sent++
    const line = idle.pop()
    if (line !== undefined) send(line, meant)
    else if (connections < most) open(meant)
    else waiting.push(meant)
  }

  for (let n = 0; n < most; n++) await once(open(), 'connect')
  const start = performance.now()
  for (let n = 0; n < (load.closed ?? 0); n++) demand(performance.now())
  const timer = setInterval(() => {
    const elapsed = Math.min(performance.now() - start, load.seconds * 1000)
    if (load.rate !== undefined)
      for (const due = Math.ceil((elapsed * load.rate) / 1000); sent < due;) demand(start + (sent * 1000) / load.rate)
    if (elapsed < load.seconds * 1000) return
    clearInterval(timer)
    over = true
    if (answered === sent) resolve()
    setTimeout(resolve, PATIENCE_MS).unref()
  }, 1)
  await end
  const unanswered = sent - answered
  for (let n = 0; n < unanswered; n++) times.failed.push(PATIENCE_MS)
  if (unanswered > 0) failures['no answer'] = unanswered
  for (const { socket } of idle) socket.destroy()
  return { ...mapTimes(times), failures, sent, late, connections }
}

function mapTimes(times: Record<'ok' | 'refused' | 'failed', number[]>): Pick<Seen, 'ok' | 'refused' | 'failed'> {
  return { ok: timesOf(times.ok), refused: timesOf(times.refused), failed: timesOf(times.failed) }
}

function timesOf(all: number[]): Times {
  const sorted = Float64Array.from(all).sort()
  const at = (share: number): number => Math.round((sorted[Math.floor(share * sorted.length)] ?? 0) * 10) / 10
  return { count: all.length, p50: at(0.5), p99: at(0.99), max: Math.round((sorted.at(-1) ?? 0) * 10) / 10 }
}

// As a process: a load comes in, what was seen goes out, and it waits for the next.
if (import.meta.main)
  process.on('message', (load: Load) => {
    void generate(load).then((seen) => process.send?.(seen))
  })
