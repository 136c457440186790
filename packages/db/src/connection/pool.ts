import type { Address } from './address.ts'
import { backoffMs } from '../backoff.ts'
import { DatabaseError } from '../errors.ts'
import { createWaitQueue } from './wait-queue.ts'
import { openPooledConnection, type PooledConnection } from './pooled-connection.ts'
import { cancelled, isAborted, runWithin } from './run-within.ts'

export interface PoolOptions {
  address: Address
  /** The most connections. */
  max: number
  /** How many connections start() opens, and the pool keeps open. */
  min?: number
  applicationName: string
  /** The most callers that may wait for a connection. */
  maxWaiting?: number
  /** The longest wait for a connection, in milliseconds. */
  waitMs?: number
  /** Milliseconds for all steps of opening a connection. */
  connectTimeoutMs?: number
  /** A connection is pinged after this idle time, in milliseconds. */
  pingMs?: number
  /** A connection is replaced at between 75% and 100% of this age, in milliseconds. */
  lifetimeMs?: number
  /** The most statements that stay prepared on a connection. */
  maxPrepared?: number
  log?: (level: 'info' | 'warn' | 'error', message: string, details?: Record<string, unknown>) => void
}

export interface Pool extends AsyncDisposable {
  /**
   * Runs the work on a connection of its own. After the deadline, which includes the wait, the connection is destroyed.
   * When the signal aborts, the wait ends, and a statement under way is cancelled in the server; give a signal only for
   * reads. Every rejection is a DatabaseError.
   */
  use<T>(deadlineMs: number, work: (connection: PooledConnection) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** True while a connection is open. */
  readonly up: boolean
  readonly open: number
  readonly busy: number
  readonly waiting: number
  /** How long the first caller in the wait queue has waited, in milliseconds; 0 if the queue is empty. */
  readonly waitedMs: number
  /** Opens the minimum of connections; before this, they are opened only when calls need them. */
  start(): void
  /** Resolves when a connection is open; opens one if there is none. Rejects with the last failure after `withinMs`. */
  ready(withinMs: number): Promise<void>
  /** Closes all connections at once. Calls under way fail; the outcome of writes among them is unknown. */
  end(): Promise<void>
}

const SELECT_1 = { text: 'select 1', parameters: [], bare: true } as const
// An attempt takes at most 5 s, so the pool recovers within 10 s of the network's recovery.
const BACKOFF_MS = { first: 100, most: 3000 }
const BUSY_MS = 1000
const PING_LIMIT_MS = 2000

/** Creates a pool with a bounded wait queue. It opens connections when they are needed, and reconnects by itself. */
// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of one pool
export function createPool(options: PoolOptions): Pool {
  const { address, max, log = () => {} } = options
  const { min = Math.min(5, max), maxWaiting = 20 * max, waitMs = 2000, connectTimeoutMs = 5000 } = options
  const { pingMs = 15_000, lifetimeMs = 30 * 60_000 } = options
  // Sorted by idle time, longest first. A call takes the last one.
  let idle: { connection: PooledConnection; since: number }[] = []
  /** The open connections, and when each is to be replaced. */
  const connections = new Map<PooledConnection, number>()
  const opening = new Set<PooledConnection>()
  const waiters = createWaitQueue<PooledConnection>()
  const readiness = createWaitQueue<true>()
  let failures = 0
  let failure: unknown
  let retryAt = 0
  let retryTimer: NodeJS.Timeout | undefined
  let kept = 0
  let ended = false

  function refusal(): DatabaseError {
    if (ended) return new DatabaseError('unavailable', 'The service is shutting down')
    const { host, port, database, user } = address
    return new DatabaseError('unavailable', `Cannot connect to ${host}:${port}/${database} as ${user}`, {
      cause: failure,
      retryAfterMs: Math.max(BACKOFF_MS.first, Math.ceil(retryAt - performance.now())),
    })
  }

  function forget(connection: PooledConnection): void {
    connections.delete(connection)
    idle = idle.filter((entry) => entry.connection !== connection)
    fill()
  }

  async function open(): Promise<void> {
    const connection = openPooledConnection({ ...options, connectTimeoutMs, onClose: () => forget(connection) })
    opening.add(connection)
    const [opened] = await Promise.allSettled([connection.opened])
    opening.delete(connection)
    if (opened.status === 'rejected') return failed(opened.reason)
    if (failures > 0) log('info', 'The database answers again', { after: failures })
    failures = 0
    failure = undefined
    connections.set(connection, performance.now() + lifetimeMs * (0.75 + Math.random() / 4))
    hand(connection)
    while (readiness.give(true));
    fill()
  }

  function failed(cause: unknown): void {
    if (ended) return
    failure = cause
    // Several failures at the same time count as one.
    if (retryTimer === undefined) {
      const delayMs = backoffMs(failures++, BACKOFF_MS)
      retryAt = performance.now() + delayMs
      retryTimer = setTimeout(() => {
        retryTimer = undefined
        fill()
      }, delayMs)
      const reason = cause instanceof Error ? cause.message : String(cause)
      if (failures === 1 || failures % 20 === 0) log('warn', `${refusal().message}: ${reason}`, { failures })
    }
    // Without any connection, callers in the wait queue would only time out.
    if (connections.size + opening.size === 0) waiters.rejectAll(refusal)
  }

  // Opens a connection for each waiting caller, and at least the minimum. While connecting fails it tries one at a
  // time, even if no caller waits, so that the pool has recovered before the next call.
  function fill(): void {
    if (ended || retryTimer !== undefined) return
    const one = failures > 0 || readiness.size > 0 ? 1 : 0
    const target = Math.min(max, Math.max(kept, connections.size + waiters.size, one))
    const maxOpening = failures > 0 ? 1 : max
    while (connections.size + opening.size < target && opening.size < maxOpening) void open()
  }

  // Callers are served in their order: while one waits, there is no idle connection for a later one to take.
  async function acquire(withinMs: number, signal?: AbortSignal): Promise<PooledConnection> {
    if (isAborted(signal)) throw cancelled()
    const free = idle.pop()
    if (free !== undefined) return free.connection
    if (ended || (connections.size === 0 && failures > 0)) throw refusal()
    if (waiters.size >= maxWaiting) throw busy('Too many calls wait for the database')
    const late = (): Error => (connections.size === 0 ? refusal() : busy('No connection to the database became free'))
    const waiting = waiters.wait(withinMs, late, signal && { signal, error: cancelled })
    fill()
    return await waiting
  }

  function release(connection: PooledConnection): void {
    // A connection that has closed meanwhile is no longer in the map.
    const retired = performance.now() > (connections.get(connection) ?? 0)
    if (ended || retired || !connection.clean) connection.destroy()
    else hand(connection)
  }

  function hand(connection: PooledConnection): void {
    if (!waiters.give(connection)) idle.push({ connection, since: performance.now() })
  }

  async function use<T>(
    deadlineMs: number,
    work: (connection: PooledConnection) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const start = performance.now()
    const connection = await acquire(Math.min(waitMs, deadlineMs), signal)
    try {
      const left = Math.max(1, deadlineMs - (performance.now() - start))
      return await runWithin(connection, left, work, signal)
    } catch (error) {
      // If one connection is dead, others may be too: ping the idle ones now, so that no later caller gets a dead one.
      if (error instanceof DatabaseError && error.fault === 'timeout' && connection.closed) ping(0)
      throw error
    } finally {
      release(connection)
    }
  }

  // Pings connections that have been idle for `idleMs`: a dead one is destroyed.
  function ping(idleMs: number): void {
    const before = performance.now() - idleMs
    const pinged = idle.filter(({ since }) => since <= before)
    idle = idle.filter(({ since }) => since > before)
    for (const { connection } of pinged)
      void runWithin(connection, Math.min(PING_LIMIT_MS, pingMs), async () => await connection.send(SELECT_1))
        .catch(() => {})
        .finally(() => release(connection))
  }
  const pinger = setInterval(() => ping(pingMs), pingMs)
  pinger.unref()

  const pool: Pool = {
    use,
    get up() {
      return connections.size > 0
    },
    get open() {
      return connections.size
    },
    get busy() {
      return connections.size - idle.length
    },
    get waiting() {
      return waiters.size
    },
    get waitedMs() {
      return waiters.since === undefined ? 0 : performance.now() - waiters.since
    },
    start() {
      kept = min
      fill()
    },
    async ready(withinMs) {
      if (ended) throw refusal()
      if (connections.size > 0) return
      const waiting = readiness.wait(withinMs, refusal)
      fill()
      await waiting
    },
    async end() {
      ended = true
      clearInterval(pinger)
      clearTimeout(retryTimer)
      waiters.rejectAll(refusal)
      readiness.rejectAll(refusal)
      for (const connection of [...connections.keys(), ...opening]) connection.destroy()
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
  return pool
}

function busy(message: string): DatabaseError {
  return new DatabaseError('overloaded', message, { retryAfterMs: BUSY_MS })
}
