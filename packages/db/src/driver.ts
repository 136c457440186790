import type { Socket } from 'node:net'
import postgres, { type Sql } from 'postgres'
import type { Address } from './address.ts'
import type { Backend } from './cancel.ts'
import type { Outcome, Row, Sent } from './slot.ts'

/** postgres.js, as a slot uses it: one connection, all text, nothing sent twice. */
export interface Driver {
  run(sent: Sent): Promise<Outcome>
  prepare(text: string, parameters: number): Promise<void>
  /** Known once it has answered. */
  readonly backend: Backend | undefined
  end(): void
}

export interface DriverOptions {
  address: Address
  applicationName: string
  socket(): Promise<Socket>
  onClose(): void
  /** Told of a statement whose plan has gone stale, before it is rejected. */
  onStale(text: string): void
  onNotify: ((payload: string) => void) | undefined
}

const asIs = (value: string): string => value
// Parameters go as text: the driver's own ideas of dates, JSON and booleans are turned off.
const TYPES = {
  text: { to: 25, from: [25, 17, 1082, 1083, 1114, 1184, 2950], serialize: asIs, parse: asIs },
  json: { to: 114, from: [114, 3802], serialize: asIs, parse: (text: string): unknown => JSON.parse(text) },
  bool: { to: 16, from: [16], serialize: asIs, parse: (text: string): boolean => text === 't' },
  whole: { to: 20, from: [20, 21, 23], serialize: asIs, parse: Number },
}

/** True for an error that the server has answered with. */
export const isRefusal = (error: unknown): boolean => error instanceof postgres.PostgresError

/** Connects with the first statement. */
export function openDriver({ address, applicationName, socket, onClose, onStale, onNotify }: DriverOptions): Driver {
  let backend: Backend | undefined
  let sentOnce: object | undefined

  // Its type says nothing of these, which postgres.js takes (connection.js, createSocket and NotificationResponse).
  const extra: object = { socket, onnotify: (_channel: string, payload: string) => onNotify?.(payload) }
  const sql: Sql = postgres({
    ...extra,
    host: address.host,
    port: address.port,
    database: address.database,
    username: address.user,
    password: address.password,
    ssl: false,
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    // The slot has one limit for all of the opening.
    connect_timeout: 0,
    fetch_types: false,
    prepare: true,
    types: TYPES,
    connection: { application_name: applicationName },
    onnotice: () => {},
    onclose: onClose,
  })

  // Where a plan has gone stale the driver sends the statement once more, by then behind COMMIT and
  // outside of any transaction (connection.js, retry). It notes the error here first. Inherited, since a setter of each
  // query's own makes a hidden class of its own, which is old from the beginning.
  function asSentOnce(query: object): object {
    return Object.create(Object.getPrototypeOf(query), {
      retried: {
        set(this: { strings: [string]; reject(error: Error): void; cancelled: boolean }, error: Error) {
          onStale(this.strings[0])
          this.cancelled = true
          this.reject(error)
        },
      },
    })
  }

  return {
    run({ text, parameters, bare }) {
      const options = { prepare: bare !== true, simple: bare === true }
      const query = sql.unsafe<Row[]>(text, [...parameters], options)
      Object.setPrototypeOf(query, (sentOnce ??= asSentOnce(query)))
      return query.execute().then((result) => {
        backend = result.state
        const { command } = result
        // After an error that came behind rows the driver counts on, and the next result begins with as many holes.
        const rows = result.splice(0).filter(() => true)
        // Its queries grow old whatever becomes of them, so what one holds is taken from it: all that is read would
        // stay until the old generation is swept, and the service stand still meanwhile (allocations.process.test.ts).
        void Object.assign(query, { args: null, parameters: null, string: null, signature: null })
        return { rows, command }
      })
    },
    async prepare(text, parameters) {
      const nothing: null[] = Array.from({ length: parameters }, () => null)
      await sql.unsafe(text, nothing, { prepare: true }).describe()
    },
    get backend() {
      return backend
    },
    end() {
      void sql.end({ timeout: 0 }).catch(() => {})
    },
  }
}
