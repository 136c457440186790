import type { Address } from './address.ts'
import { backoffMs } from '../backoff.ts'
import { DatabaseError } from '../errors.ts'
import { openPooledConnection, type Sent, type PooledConnection } from './pooled-connection.ts'
import { prepare, sql } from '../statement.ts'
import { timeLimit } from './time-limit.ts'

/** The channel for wake-ups. Their payload is ids of spaces, and no data. */
const CHANNEL = 'taskwire_wake'

export interface ListenerOptions {
  /** A direct address: a transaction pooler accepts LISTEN but delivers no notification. */
  address: Address
  applicationName: string
  onNotify(payload: string): void
  /** Called each time it begins to listen. Notifications sent before that, or during a reconnect, are lost. */
  onListening(): void
  connectTimeoutMs?: number
  /** The interval between pings, and the time limit for each answer, in milliseconds. */
  pingMs?: number
  log?: (level: 'info' | 'warn', message: string, details?: Record<string, unknown>) => void
}

export interface Listener extends AsyncDisposable {
  /** True while it listens. */
  readonly up: boolean
  /** Notifies all listeners, including this one. Rejects without a connection. A payload has at most 7999 bytes. */
  notify(payload: string): Promise<void>
  end(): Promise<void>
}

const BACKOFF_MS = { first: 100, most: 5000 }
const LISTEN: Sent = { text: `listen ${CHANNEL}`, parameters: [], bare: true }
const SELECT_1: Sent = { text: 'select 1', parameters: [], bare: true }
const notification = prepare<'payload'>((p) => sql`select pg_notify(${sql.raw(`'${CHANNEL}'`)}, ${p('payload')})`)

/** Listens and notifies on a connection of its own, which it replaces when it is lost or does not answer. */
// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of one connection
export function startListener(options: ListenerOptions): Listener {
  const { address, applicationName, onNotify, onListening, log = () => {} } = options
  const { connectTimeoutMs = 5000, pingMs = 5000 } = options
  let current: PooledConnection | undefined
  let up = false
  let ended = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let before: Promise<unknown> = Promise.resolve()

  async function open(): Promise<void> {
    const connection = openPooledConnection({
      address,
      applicationName,
      connectTimeoutMs,
      onNotify,
      onClose: () => reconnect(),
    })
    current = connection
    try {
      await connection.opened
      await run(connection, LISTEN)
      if (failures > 0) log('info', 'Listening for wake-ups again', { after: failures })
      failures = 0
      up = true
      onListening()
      schedulePing(connection)
    } catch (error) {
      connection.destroy(error)
    }
  }

  // With a limit, since a dead connection looks the same as an idle one.
  async function run(connection: PooledConnection, statement: Sent): Promise<void> {
    using _limit = timeLimit(pingMs, () => connection.destroy(new Error(`No answer within ${pingMs} ms`)))
    // Statements run one after the other.
    const sent = before.then(async () => await connection.send(statement))
    before = sent.catch(() => {})
    await sent
  }

  function schedulePing(connection: PooledConnection): void {
    timer = setTimeout(() => {
      run(connection, SELECT_1).then(
        () => schedulePing(connection),
        (error: unknown) => connection.destroy(error),
      )
    }, pingMs)
    timer.unref()
  }

  function reconnect(): void {
    clearTimeout(timer)
    up = false
    if (ended) return
    if (failures === 0) log('warn', 'No connection to listen on; changes made by other processes are found by polling')
    timer = setTimeout(() => void open(), backoffMs(failures++, BACKOFF_MS))
    timer.unref()
  }

  void open()
  const end = async (): Promise<void> => {
    ended = true
    clearTimeout(timer)
    current?.destroy()
  }
  return {
    get up() {
      return up
    },
    async notify(payload) {
      if (!up || current === undefined) throw new DatabaseError('unavailable', 'No connection to notify on')
      await run(current, notification.with({ payload }))
    },
    end,
    [Symbol.asyncDispose]: end,
  }
}
