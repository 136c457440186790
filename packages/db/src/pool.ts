import type { Address } from './address.ts'
import { DatabaseError, databaseError } from './errors.ts'
import { openSlot, type Slot } from './slot.ts'

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
  connectTimeoutMs?: number
  /** Statements prepared on every new connection. */
  hot?: readonly { text: string; parameters: number }[]
  log?: (level: 'info' | 'warn' | 'error', message: string, details?: Record<string, unknown>) => void
}

export interface Pool extends AsyncDisposable {
  /** Runs the work on a connection of its own, and destroys that connection when the deadline passes. */
  use<T>(deadlineMs: number, work: (slot: Slot) => Promise<T>): Promise<T>
  /** True while a connection is open. */
  readonly up: boolean
  readonly open: number
  readonly busy: number
  readonly waiting: number
  /** Opens the minimum; before this, connections are opened only as calls need them. */
  start(): void
  /** Resolves when a connection is open; rejects with the last failure after `withinMs`. */
  ready(withinMs: number): Promise<void>
  end(): Promise<void>
}

interface Waiter {
  resolve(slot: Slot): void
  reject(error: DatabaseError): void
  timer: NodeJS.Timeout
}

// A connection is replaced when it is this old, or holds this many prepared statements (48 KiB each).
const LIFETIME_MS = 30 * 60_000
const MAX_PREPARED = 60
// An idle connection is asked for a sign of life this often, so that a dead one is not found by a caller.
const PING_MS = 15_000
const BACKOFF_MS = { first: 100, most: 5000 }

/** A pool of connections with bounded waiting; it opens them as they are needed and heals by itself. */
export function createPool(options: PoolOptions): Pool {
  const { address, max, applicationName, hot = [], log = () => {} } = options
  const { min = Math.min(5, max), maxWaiting = 20 * max, waitMs = 2000, connectTimeoutMs = 5000 } = options
  const idle: { slot: Slot; since: number }[] = []
  const slots = new Set<Slot>()
  const waiters: Waiter[] = []
  const readiness = new Set<() => void>()
  let opening = 0
  let failures = 0
  let lastFailure: DatabaseError | undefined
  let retryTimer: NodeJS.Timeout | undefined
  let kept = 0
  let ended = false

  function drop(slot: Slot): void {
    slots.delete(slot)
    const at = idle.findIndex((entry) => entry.slot === slot)
    if (at >= 0) idle.splice(at, 1)
    slot.destroy()
    fill()
  }

  function hand(slot: Slot): void {
    const waiter = waiters.shift()
    if (waiter === undefined) {
      idle.push({ slot, since: performance.now() })
      return
    }
    clearTimeout(waiter.timer)
    waiter.resolve(slot)
  }

  async function open(): Promise<void> {
    opening++
    let slot: Slot | undefined
    try {
      slot = await openSlot({ address, connectTimeoutMs, applicationName, onClose: () => slot && drop(slot) })
      for (const { text, parameters } of hot) await slot.prepare(text, parameters)
      if (slot.closed || ended) throw new Error('The connection ended while it was being prepared')
      slots.add(slot)
      if (failures > 0) log('info', 'The database answers again', { after: failures })
      failures = 0
      lastFailure = undefined
      hand(slot)
      for (const resolve of readiness) resolve()
    } catch (cause) {
      slot?.destroy()
      failed(cause)
    } finally {
      opening--
    }
    fill()
  }

  function failed(cause: unknown): void {
    if (ended) return
    failures++
    const delay = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2)
    lastFailure = new DatabaseError(
      'unavailable',
      `Cannot connect to ${address.host}:${address.port}/${address.database} as ${address.user}`,
      {
        cause,
        retryAfterMs: Math.ceil(delay),
      },
    )
    const reason = cause instanceof Error ? cause.message : String(cause)
    if (failures === 1 || failures % 20 === 0) log('warn', `${lastFailure.message}: ${reason}`, { failures })
    // With no connection left, those who wait would wait in vain.
    if (slots.size === 0) for (const waiter of waiters.splice(0)) rejectWaiter(waiter, lastFailure)
    retryTimer ??= setTimeout(() => {
      retryTimer = undefined
      fill()
    }, delay)
  }

  function rejectWaiter(waiter: Waiter, error: DatabaseError): void {
    clearTimeout(waiter.timer)
    waiter.reject(error)
  }

  // Opens what is wanted: a connection for each waiter, and the minimum. One at a time while failing.
  function fill(): void {
    if (ended || retryTimer !== undefined) return
    const wanted = Math.min(max, Math.max(kept, slots.size + waiters.length))
    const most = failures > 0 ? 1 : max
    while (slots.size + opening < wanted && opening < most) void open()
  }

  function acquire(): Promise<Slot> {
    if (ended) return Promise.reject(new DatabaseError('unavailable', 'The service is shutting down'))
    const free = idle.pop()
    if (free !== undefined) return Promise.resolve(free.slot)
    if (slots.size === 0 && lastFailure !== undefined) return Promise.reject(lastFailure)
    if (waiters.length >= maxWaiting)
      return Promise.reject(
        new DatabaseError('overloaded', 'Too many calls wait for the database', { retryAfterMs: 1000 }),
      )
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve,
        reject,
        timer: setTimeout(() => {
          waiters.splice(waiters.indexOf(waiter), 1)
          reject(new DatabaseError('overloaded', 'No connection to the database became free', { retryAfterMs: 1000 }))
        }, waitMs),
      }
      waiters.push(waiter)
      fill()
    })
  }

  function release(slot: Slot): void {
    if (slot.closed || ended) return drop(slot)
    const old = performance.now() - slot.openedAt > LIFETIME_MS * (0.75 + Math.random() / 4)
    if (old || slot.prepared > MAX_PREPARED) return drop(slot)
    hand(slot)
  }

  async function use<T>(deadlineMs: number, work: (slot: Slot) => Promise<T>): Promise<T> {
    const slot = await acquire()
    let late = false
    const timer = setTimeout(() => {
      late = true
      slot.destroy()
    }, deadlineMs)
    try {
      return await work(slot)
    } catch (error) {
      if (late)
        throw new DatabaseError('timeout', `The database did not answer within ${deadlineMs} ms`, { cause: error })
      throw databaseError(error)
    } finally {
      clearTimeout(timer)
      release(slot)
    }
  }

  const pinger = setInterval(() => {
    const stale = idle.filter((entry) => performance.now() - entry.since > PING_MS)
    for (const { slot } of stale) {
      idle.splice(
        idle.findIndex((entry) => entry.slot === slot),
        1,
      )
      const timer = setTimeout(() => slot.destroy(), connectTimeoutMs)
      void slot.send([{ text: 'select 1', parameters: [] }]).finally(() => {
        clearTimeout(timer)
        release(slot)
      })
    }
  }, PING_MS)
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
      return waiters.length
    },
    start() {
      kept = min
      fill()
    },
    async ready(withinMs) {
      if (slots.size > 0) return
      await new Promise<void>((resolve, reject) => {
        const done = (): void => {
          clearTimeout(timer)
          readiness.delete(done)
          resolve()
        }
        const timer = setTimeout(() => {
          readiness.delete(done)
          reject(lastFailure ?? new DatabaseError('unavailable', 'The database has not answered yet'))
        }, withinMs)
        readiness.add(done)
      })
    },
    async end() {
      ended = true
      clearInterval(pinger)
      clearTimeout(retryTimer)
      for (const waiter of waiters.splice(0))
        rejectWaiter(waiter, new DatabaseError('unavailable', 'The service is shutting down'))
      for (const slot of slots) slot.destroy()
      slots.clear()
      idle.length = 0
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
  return pool
}
