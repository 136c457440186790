import { setTimeout as pause } from 'node:timers/promises'
import type { Address } from './address.ts'
import { DatabaseError, databaseError } from '../errors.ts'
import { createWaitQueue } from './wait-queue.ts'
import { openPooledConnection, type PooledConnection } from './pooled-connection.ts'

export interface PoolOptions {
  address: Address
  /** Connections at most. */
  max: number
  /** Connections that are opened at once and kept. */
  min?: number
  applicationName: string
  /** Callers that may wait for a connection. */
  maxWaiting?: number
  /** How long one waits, in milliseconds. */
  waitMs?: number
  /** Milliseconds for all of a connection's opening. */
  connectTimeoutMs?: number
  /** A connection that has been idle for as long is asked for a sign of life, in milliseconds. */
  pingMs?: number
  /** A connection is replaced at three to four quarters of this age, in milliseconds. */
  lifetimeMs?: number
  /** Statements that stay prepared on a connection. */
  maxPrepared?: number
  log?: (level: 'info' | 'warn' | 'error', message: string, details?: Record<string, unknown>) => void
}

export interface Pool extends AsyncDisposable {
  /**
   * Runs the work on a connection of its own. When the deadline passes, waiting included, that
   * connection is destroyed. When the signal aborts it waits no more, and what is under way is
   * cancelled in the server too: not for writes. Throws a DatabaseError, whatever the work throws.
   */
  use<T>(deadlineMs: number, work: (slot: PooledConnection) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** True while a connection is open. */
  readonly up: boolean
  readonly open: number
  readonly busy: number
  readonly waiting: number
  /** How long the first of those has waited, in milliseconds; 0 where nobody waits. */
  readonly waitedMs: number
  /** Opens the minimum; before this, connections are opened only as calls need them. */
  start(): void
  /** Opens a connection where none is, and resolves when it is open; rejects with the last failure after `withinMs`. */
  ready(withinMs: number): Promise<void>
  /** Closes every connection at once: calls under way fail, and those of writes are unknown. */
  end(): Promise<void>
}

const SELECT_1 = { text: 'select 1', parameters: [], bare: true } as const
// With 5 s for an attempt this heals within 10 s of the network's coming back.
const BACKOFF_MS = { first: 100, most: 3000 }
const BUSY_MS = 1000
const PING_LIMIT_MS = 2000
const CANCEL_AGAIN_MS = 50

/** A pool of connections with bounded waiting; it opens them as they are needed and heals by itself. */
export function createPool(options: PoolOptions): Pool {
  const { address, max, log = () => {} } = options
  const { min = Math.min(5, max), maxWaiting = 20 * max, waitMs = 2000, connectTimeoutMs = 5000 } = options
  const { pingMs = 15_000, lifetimeMs = 30 * 60_000 } = options
  // The longest idle first; a call takes the last.
  let idle: { slot: PooledConnection; since: number }[] = []
  /** When each open connection is to be replaced. */
  const slots = new Map<PooledConnection, number>()
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

  function forget(slot: PooledConnection): void {
    slots.delete(slot)
    idle = idle.filter((entry) => entry.slot !== slot)
    fill()
  }

  async function open(): Promise<void> {
    const slot = openPooledConnection({ ...options, connectTimeoutMs, onClose: () => forget(slot) })
    opening.add(slot)
    const [opened] = await Promise.allSettled([slot.opened])
    opening.delete(slot)
    if (opened.status === 'rejected') return failed(opened.reason)
    if (failures > 0) log('info', 'The database answers again', { after: failures })
    failures = 0
    failure = undefined
    slots.set(slot, performance.now() + lifetimeMs * (0.75 + Math.random() / 4))
    hand(slot)
    while (readiness.give(true));
    fill()
  }

  function failed(cause: unknown): void {
    if (ended) return
    failure = cause
    // Of several that fail at once one counts.
    if (retryTimer === undefined) {
      const delay = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(failures, 10))
      const jittered = delay * (0.5 + Math.random() / 2)
      failures++
      retryAt = performance.now() + jittered
      retryTimer = setTimeout(() => {
        retryTimer = undefined
        fill()
      }, jittered)
      const reason = cause instanceof Error ? cause.message : String(cause)
      if (failures === 1 || failures % 20 === 0) log('warn', `${refusal().message}: ${reason}`, { failures })
    }
    // With no connection left, those who wait would wait in vain.
    if (slots.size + opening.size === 0) waiters.rejectAll(refusal)
  }

  // Opens what is wanted: a connection for each waiter, and the minimum. While it fails, one at a
  // time and with nobody waiting too, so that the next caller finds it healed.
  function fill(): void {
    if (ended || retryTimer !== undefined) return
    const one = failures > 0 || readiness.size > 0 ? 1 : 0
    const wanted = Math.min(max, Math.max(kept, slots.size + waiters.size, one))
    const most = failures > 0 ? 1 : max
    while (slots.size + opening.size < wanted && opening.size < most) void open()
  }

  // In the order of asking: whoever comes later finds none idle as long as somebody waits.
  async function acquire(withinMs: number, signal?: AbortSignal): Promise<PooledConnection> {
    if (isAborted(signal)) throw cancelled()
    const free = idle.pop()
    if (free !== undefined) return free.slot
    if (ended || (slots.size === 0 && failures > 0)) throw refusal()
    if (waiters.size >= maxWaiting) throw busy('Too many calls wait for the database')
    const late = (): Error => (slots.size === 0 ? refusal() : busy('No connection to the database became free'))
    const waiting = waiters.wait(withinMs, late, signal && { signal, error: cancelled })
    fill()
    return await waiting
  }

  function release(slot: PooledConnection): void {
    // One that has closed meanwhile is no longer among them.
    const retired = performance.now() > (slots.get(slot) ?? 0)
    if (ended || retired || !slot.clean) slot.destroy()
    else hand(slot)
  }

  function hand(slot: PooledConnection): void {
    if (!waiters.give(slot)) idle.push({ slot, since: performance.now() })
  }

  async function run<T>(
    slot: PooledConnection,
    withinMs: number,
    work: (slot: PooledConnection) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    if (isAborted(signal)) {
      release(slot)
      throw cancelled()
    }
    // Made only where it is cancelled: an abort costs more than all else here.
    let cancelling: { over: AbortController; done: Promise<void> } | undefined
    const cancel = (): void => {
      const over = new AbortController()
      cancelling = { over, done: cancelUntil(over.signal, slot) }
    }
    signal?.addEventListener('abort', cancel)
    const timer = setTimeout(
      () => slot.destroy(new DatabaseError('timeout', `The database did not answer within ${Math.round(withinMs)} ms`)),
      withinMs,
    )
    try {
      return await work(slot)
    } catch (error) {
      throw isAborted(signal) ? cancelled() : databaseError(error)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
      if (cancelling !== undefined) {
        cancelling.over.abort()
        // Lent on before it has arrived, the next caller's statement would be cancelled.
        await cancelling.done
      }
      release(slot)
    }
  }

  async function use<T>(
    deadlineMs: number,
    work: (slot: PooledConnection) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const start = performance.now()
    const slot = await acquire(Math.min(waitMs, deadlineMs), signal)
    try {
      return await run(slot, Math.max(1, deadlineMs - (performance.now() - start)), work, signal)
    } catch (error) {
      // Where one connection is dead, the others may be: found now, rather than by the next callers.
      if (error instanceof DatabaseError && error.fault === 'timeout' && slot.closed) ping(0)
      throw error
    }
  }

  // Asks those idle for as long for a sign of life, so that a dead one is not found by a caller.
  function ping(idleMs: number): void {
    const before = performance.now() - idleMs
    const asked = idle.filter(({ since }) => since <= before)
    idle = idle.filter(({ since }) => since > before)
    for (const { slot } of asked)
      void run(slot, Math.min(PING_LIMIT_MS, pingMs), async () => await slot.send(SELECT_1)).catch(() => {})
  }
  const pinger = setInterval(() => ping(pingMs), pingMs)
  pinger.unref()

  const pool: Pool = {
    use,
    get up() {
      return slots.size > 0
    },
    get open() {
      return slots.size
    },
    get busy() {
      return slots.size - idle.length
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
      if (slots.size > 0) return
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
      for (const slot of [...slots.keys(), ...opening]) slot.destroy()
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
  return pool
}

/** Again and again, since what overtakes its statement cancels nothing. */
async function cancelUntil(over: AbortSignal, slot: PooledConnection): Promise<void> {
  for (let waitMs = CANCEL_AGAIN_MS; !over.aborted && !slot.closed; waitMs *= 2) {
    await slot.cancel()
    await pause(waitMs, undefined, { signal: over, ref: false }).catch(() => {})
  }
}

const isAborted = (signal?: AbortSignal): boolean => signal?.aborted === true

function cancelled(): DatabaseError {
  return new DatabaseError('cancelled', 'Whoever asked has gone')
}

function busy(message: string): DatabaseError {
  return new DatabaseError('overloaded', message, { retryAfterMs: BUSY_MS })
}
