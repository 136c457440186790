import type { Socket } from 'node:net'
import type { Address } from './address.ts'
import { tellToCancel } from './cancel.ts'
import { isRefusal, openDriver } from './driver.ts'
import { createPreparedStatements } from './prepared-statements.ts'
import { openSocket } from './socket.ts'
import type { Statement } from '../statement.ts'

/** One row as the driver gives it: text, except booleans, whole numbers and JSON. */
export type Row = Record<string, unknown>
/** What one statement gave: its rows, and its command tag. */
export interface Outcome {
  rows: Row[]
  command: string
}
/** A statement on its way. A bare one has no parameters and is never prepared. */
export interface Sent extends Statement {
  readonly bare?: true
}

/**
 * One connection that is never replaced. postgres.js reconnects by itself, and then runs what was
 * queued behind a dead transaction outside of any: so a slot opens one socket in its life.
 */
export interface PooledConnection {
  /** Settles when it answers; rejects after `connectTimeoutMs`. */
  readonly opened: Promise<void>
  /**
   * Sends one statement, in one round trip where it is prepared. Rejects before anything is sent where a parameter
   * is not text, or where it cannot be prepared.
   */
  send(statement: Sent): Promise<Outcome>
  isPrepared(statement: Statement): boolean
  /** True while nothing is under way, no transaction has been begun and no setting changed. */
  readonly clean: boolean
  /** True once the connection is gone. */
  readonly closed: boolean
  /**
   * Asks the server to give up what it is doing for this connection. Resolves when it has been told:
   * before that no other statement may be sent. Where it cannot be told, the connection is destroyed.
   */
  cancel(): Promise<void>
  /** Ends the connection at once; what is under way is rejected. */
  destroy(reason?: unknown): void
}

export interface PooledConnectionOptions {
  address: Address
  /** Milliseconds for all of the opening. */
  connectTimeoutMs: number
  applicationName: string
  /** Statements that stay prepared. */
  maxPrepared?: number
  /** Called once. */
  onClose(): void
  /** Told what is notified on a channel that it listens on. */
  onNotify?: (payload: string) => void
}

// What is left behind by these would be the next caller's.
const LEAVES_SOMETHING = new Set(['BEGIN', 'START TRANSACTION', 'SET'])
const MOST_PARAMETERS = 65_533
const SELECT_1: Sent = { text: 'select 1', parameters: [], bare: true }

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

const ENDED = (): Error => coded('CONNECTION_CLOSED', 'The connection has ended')

// Found here rather than by the driver, which may have sent a part of it by then.
function check({ text, parameters }: Statement): void {
  if (typeof text !== 'string') throw new TypeError('A statement has no text')
  if (parameters.length > MOST_PARAMETERS) throw new TypeError(`More than ${MOST_PARAMETERS} parameters`)
  const at = parameters.findIndex((value) => value !== null && typeof value !== 'string')
  if (at >= 0) throw new TypeError(`Parameter ${at + 1} is ${typeof parameters[at]} in: ${text}`)
}

/** Opens a connection. */
export function openPooledConnection(options: PooledConnectionOptions): PooledConnection {
  const { address, connectTimeoutMs, applicationName, maxPrepared, onClose, onNotify } = options
  let socket: Socket | undefined
  let closed = false
  let touched = false
  const prepared = createPreparedStatements(maxPrepared)
  const underWay = new Set<(reason: unknown) => void>()

  const driver = openDriver({
    address,
    applicationName,
    async socket() {
      if (socket !== undefined || closed) throw ENDED()
      return await openSocket(address, (opening) => {
        socket = opening
      })
    },
    onClose: () => destroy(ENDED()),
    onStale: (key) => prepared.forgetKey(key),
    onNotify,
  })

  function destroy(reason: unknown = coded('CONNECTION_DESTROYED', 'The connection was given up')): void {
    if (closed) return
    closed = true
    // The driver does not reject all that it has queued.
    for (const reject of underWay) reject(reason)
    driver.end()
    socket?.destroy()
    onClose()
  }

  async function untilClosed<T>(work: PromiseLike<T>): Promise<T> {
    const { promise: end, reject } = Promise.withResolvers<never>()
    if (closed) reject(ENDED())
    underWay.add(reject)
    try {
      return await Promise.race([work, end])
    } catch (error) {
      // Whatever is no refusal of the server's is the end, though the socket may tell it later.
      if (!isRefusal(error)) destroy(error)
      throw error
    } finally {
      underWay.delete(reject)
    }
  }

  async function inOnePacket<T>(start: () => Promise<T>): Promise<T> {
    // The driver writes at every kilobyte and at the end of the turn.
    socket?.cork()
    const started = start()
    // It takes the statements over in the next microtask, and then writes in an immediate of its own.
    await Promise.resolve()
    setImmediate(() => socket?.uncork())
    return await started
  }

  function deallocate(name: string): void {
    // A pooler has other names at the server, and a limit of its own for them.
    if (!address.pooled) untilClosed(driver.runBare(`deallocate "${name}"`)).catch(() => {})
  }

  async function prepare(text: string, parameters: number): Promise<void> {
    // With as many parameters it is another statement.
    prepared.forget(text)
    const key = prepared.makeRoom()
    const name = await inOnePacket(async () => {
      for (const old of prepared.takeForgotten()) deallocate(old)
      return await untilClosed(driver.prepare(text, parameters, key))
    })
    prepared.add({ text, parameters, name, key })
  }

  async function run(sent: Sent): Promise<Outcome> {
    if (sent.bare === true) return await untilClosed(driver.runBare(sent.text))
    return await untilClosed(driver.run(sent, prepared.use(sent)))
  }

  async function send(sent: Sent): Promise<Outcome> {
    check(sent)
    if (closed) throw ENDED()
    // Unprepared, a statement costs a round trip more.
    if (sent.bare !== true && !prepared.has(sent) && prepared.shouldPrepare(sent.text))
      await prepare(sent.text, sent.parameters.length)
    const outcome = await inOnePacket(async () => await run(sent))
    if (LEAVES_SOMETHING.has(outcome.command)) touched = true
    return outcome
  }

  async function cancel(): Promise<void> {
    const { backend } = driver
    if (closed || backend === undefined) return destroy()
    await tellToCancel(address, backend).catch(() => destroy())
  }

  async function open(): Promise<void> {
    const late = setTimeout(
      () => destroy(coded('CONNECT_TIMEOUT', `No connection within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    )
    try {
      await run(SELECT_1)
      if (closed) throw ENDED()
    } catch (error) {
      destroy()
      throw error
    } finally {
      clearTimeout(late)
    }
  }

  const slot: PooledConnection = {
    opened: open(),
    send,
    isPrepared: prepared.has,
    get clean() {
      return !touched && !closed && underWay.size === 0
    },
    get closed() {
      return closed
    },
    cancel,
    destroy,
  }
  return slot
}
