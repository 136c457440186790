import type { Address } from './address.ts'
import { DatabaseError } from '../errors.ts'
import { openPooledConnection, type Sent, type PooledConnection } from './pooled-connection.ts'
import { prepare, sql } from '../statement.ts'

/** The one channel: wake-ups, which carry the opaque ids of users and nothing of theirs. */
const CHANNEL = 'taskwire_wake'

export interface ListenerOptions {
  /** A direct one: through a transaction pooler LISTEN is accepted and nothing is ever delivered. */
  address: Address
  applicationName: string
  onNotify(payload: string): void
  /** It listens from now on; what was notified before, or while it was away, is lost. */
  onListening(): void
  connectTimeoutMs?: number
  /** The connection is asked for a sign of life as often, in milliseconds, and given as long. */
  pingMs?: number
  log?: (level: 'info' | 'warn', message: string, details?: Record<string, unknown>) => void
}

export interface Listener extends AsyncDisposable {
  /** True while it listens. */
  readonly up: boolean
  /** Notifies all that listen, itself too; rejects where it cannot. The payload has less than 8000 bytes. */
  notify(payload: string): Promise<void>
  end(): Promise<void>
}

const BACKOFF_MS = { first: 100, most: 5000 }
const LISTEN: Sent = { text: `listen ${CHANNEL}`, parameters: [], bare: true }
const SELECT_1: Sent = { text: 'select 1', parameters: [], bare: true }
const notification = prepare<'payload'>((p) => sql`select pg_notify(${sql.raw(`'${CHANNEL}'`)}, ${p('payload')})`)

/** Listens and notifies on a connection of its own, which it replaces when it breaks or falls silent. */
export function startListener(options: ListenerOptions): Listener {
  const { address, applicationName, onNotify, onListening, log = () => {} } = options
  const { connectTimeoutMs = 5000, pingMs = 5000 } = options
  let slot: PooledConnection | undefined
  let up = false
  let ended = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let before: Promise<unknown> = Promise.resolve()

  async function open(): Promise<void> {
    const opened = openPooledConnection({ address, applicationName, connectTimeoutMs, onNotify, onClose: () => lost() })
    slot = opened
    try {
      await opened.opened
      await ask(opened, LISTEN)
      if (failures > 0) log('info', 'Listening for wake-ups again', { after: failures })
      failures = 0
      up = true
      onListening()
      ping(opened)
    } catch (error) {
      opened.destroy(error)
    }
  }

  // A dead connection looks like one on which nothing happens.
  async function ask(asked: PooledConnection, statement: Sent): Promise<void> {
    const late = setTimeout(() => asked.destroy(new Error(`No answer within ${pingMs} ms`)), pingMs)
    try {
      // One after the other.
      const sent = before.then(async () => await asked.send(statement))
      before = sent.catch(() => {})
      await sent
    } finally {
      clearTimeout(late)
    }
  }

  function ping(asked: PooledConnection): void {
    timer = setTimeout(() => {
      ask(asked, SELECT_1).then(
        () => ping(asked),
        (error: unknown) => asked.destroy(error),
      )
    }, pingMs)
    timer.unref()
  }

  function lost(): void {
    clearTimeout(timer)
    up = false
    if (ended) return
    const delay = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2)
    if (failures++ === 0) log('warn', 'No connection to listen on; the poll finds what other processes change')
    timer = setTimeout(() => void open(), delay)
    timer.unref()
  }

  void open()
  const end = async (): Promise<void> => {
    ended = true
    clearTimeout(timer)
    slot?.destroy()
  }
  return {
    get up() {
      return up
    },
    async notify(payload) {
      if (!up || slot === undefined) throw new DatabaseError('unavailable', 'No connection to notify on')
      await ask(slot, notification.with({ payload }))
    },
    end,
    [Symbol.asyncDispose]: end,
  }
}
