import type { Socket } from 'node:net'
import type { Address } from './address.ts'
import { requestCancel } from './cancel.ts'
import { isRefusal, openDriver } from './driver.ts'
import type { Outcome } from './outcome.ts'
import { createPreparedStatements } from './prepared-statements.ts'
import { openSocket } from './socket.ts'
import { timeLimit } from './time-limit.ts'
import type { Statement } from '../statement.ts'

/** A statement to send. A bare one has no parameters and is never prepared. */
export interface Sent extends Statement {
  readonly bare?: true
}

/**
 * One connection that never reconnects: it opens a single socket. By itself postgres.js would reconnect, and run the
 * queued statements of a lost transaction outside of any transaction.
 */
export interface PooledConnection {
  /** Resolves when the server answers; rejects after `connectTimeoutMs`. */
  readonly opened: Promise<void>
  /**
   * Sends one statement, in one round trip if it is prepared. If a parameter is not text, it rejects before anything is
   * sent; if the statement cannot be prepared, it rejects before the statement runs.
   */
  send(statement: Sent): Promise<Outcome>
  isPrepared(statement: Statement): boolean
  /** True while it is open, no statement is under way, and none has begun a transaction or changed a setting. */
  readonly clean: boolean
  /** True once the connection has ended. */
  readonly closed: boolean
  /**
   * Asks the server to cancel the statement of this connection. Resolves when the server has the request; before that
   * no other statement may be sent. If the request fails, the connection is destroyed.
   */
  cancel(): Promise<void>
  /** Ends the connection at once; statements under way reject with the reason. */
  destroy(reason?: unknown): void
}

export interface PooledConnectionOptions {
  address: Address
  /** Milliseconds for all steps of opening. */
  connectTimeoutMs: number
  applicationName: string
  /** The most statements that stay prepared. */
  maxPrepared?: number
  /** Called once, when the connection has ended. */
  onClose(): void
  /** Called with each notification of a channel that the connection listens on. */
  onNotify?: (payload: string) => void
}

// Commands after which the connection is not reused, since the state that they leave would affect the next caller.
const LEAVES_STATE = new Set(['BEGIN', 'START TRANSACTION', 'SET'])
const MAX_PARAMETERS = 65_533
const SELECT_1: Sent = { text: 'select 1', parameters: [], bare: true }

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

const ENDED = (): Error => coded('CONNECTION_CLOSED', 'The connection has ended')

// Checked here, since the driver would notice only after it had sent a part of the statement.
function check({ text, parameters }: Statement): void {
  if (typeof text !== 'string') throw new TypeError('A statement has no text')
  if (parameters.length > MAX_PARAMETERS) throw new TypeError(`More than ${MAX_PARAMETERS} parameters`)
  const at = parameters.findIndex((value) => value !== null && typeof value !== 'string')
  if (at >= 0) throw new TypeError(`Parameter ${at + 1} is ${typeof parameters[at]} in: ${text}`)
}

/** Opens a connection. */
// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of one connection
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

  function destroy(reason: unknown = coded('CONNECTION_DESTROYED', 'The connection was destroyed')): void {
    if (closed) return
    closed = true
    // The driver does not reject all statements that it has queued.
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
      // Any error that the server did not send means that the connection is lost, even if `close` has not fired yet.
      if (!isRefusal(error)) destroy(error)
      throw error
    } finally {
      underWay.delete(reject)
    }
  }

  async function inOnePacket<T>(start: () => Promise<T>): Promise<T> {
    // Uncorked, the driver would write after every kilobyte, and once more in an immediate.
    socket?.cork()
    const started = start()
    // The driver queues the statements in the next microtask and then schedules its immediate, so uncork in a later
    // one.
    await Promise.resolve()
    setImmediate(() => socket?.uncork())
    return await started
  }

  function deallocate(name: string): void {
    // A pooler gives statements other names in the server, and limits their number itself.
    if (!address.pooled) untilClosed(driver.runBare(`deallocate "${name}"`)).catch(() => {})
  }

  async function prepare(text: string, parameters: number): Promise<void> {
    // The same text with another number of parameters is another statement.
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
    // An unprepared statement costs one more round trip.
    if (sent.bare !== true && !prepared.has(sent) && prepared.shouldPrepare(sent.text))
      await prepare(sent.text, sent.parameters.length)
    const outcome = await inOnePacket(async () => await run(sent))
    if (LEAVES_STATE.has(outcome.command)) touched = true
    return outcome
  }

  async function cancel(): Promise<void> {
    const { backend } = driver
    if (closed || backend === undefined) return destroy()
    await requestCancel(address, backend).catch(() => destroy())
  }

  async function open(): Promise<void> {
    using _limit = timeLimit(connectTimeoutMs, () =>
      destroy(coded('CONNECT_TIMEOUT', `No connection within ${connectTimeoutMs} ms`)),
    )
    try {
      await run(SELECT_1)
      if (closed) throw ENDED()
    } catch (error) {
      destroy()
      throw error
    }
  }

  const connection: PooledConnection = {
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
  return connection
}
