import type { Socket } from 'node:net'
import postgres, { type Sql } from 'postgres'
import type { Address } from './address.ts'
import type { Backend } from './cancel.ts'
import type { Outcome, Row } from './pooled-connection.ts'
import type { Statement } from '../statement.ts'

/** postgres.js, as a slot uses it: one connection, all text, nothing sent twice. */
export interface Driver {
  /** Runs a statement: what was prepared under the key, or without one the text, which takes two round trips. */
  run(statement: Statement, key?: string): Promise<Outcome>
  /** Runs a text that has no parameters, and is never prepared. */
  runBare(text: string): Promise<Outcome>
  /** Prepares the text under a key of the caller's, in place of what was under it; returns its name in the server. */
  prepare(text: string, parameters: number, key: string): Promise<string>
  /** Known once it has answered. */
  readonly backend: Backend | undefined
  end(): void
}

export interface DriverOptions {
  address: Address
  applicationName: string
  socket(): Promise<Socket>
  onClose(): void
  /** Told the key of a statement whose plan has gone stale, before it is rejected. */
  onStale(key: string): void
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

const stale = new WeakSet<Error>()
/** True for what a statement was refused with because its plan had gone stale: nothing of it was done. */
export const isStale = (error: unknown): boolean => error instanceof Error && stale.has(error)

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

  // Where a plan has gone stale the driver sends the statement once more (connection.js, retry), by then with our key
  // for its text. It notes the error here first. Inherited, since a setter of each query's own makes a hidden class of
  // its own, which is old from the beginning.
  function asSentOnce(query: object): object {
    return Object.create(Object.getPrototypeOf(query), {
      retried: {
        set(this: { strings: [string]; reject(error: Error): void; cancelled: boolean }, error: Error) {
          onStale(this.strings[0])
          stale.add(error)
          this.cancelled = true
          this.reject(error)
        },
      },
    })
  }

  function run(text: string, parameters: readonly (string | null)[], options: object): Promise<Outcome> {
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
  }

  return {
    run: ({ text, parameters }, key) => run(key ?? text, parameters, { prepare: key !== undefined, simple: false }),
    runBare: (text) => run(text, [], { prepare: false, simple: true }),
    async prepare(text, parameters, key) {
      const nothing: null[] = Array.from({ length: parameters }, () => null)
      const query = sql.unsafe(text, nothing, { prepare: true })
      void query.describe()
      // The driver keeps what it has prepared by the types and the text (connection.js, build), and never forgets a
      // text. By the key in its place, what takes over a key takes the place of what had it.
      const signature = `${nothing.map(() => 0).join()}${key}`
      void Object.defineProperty(query, 'signature', { get: () => signature, set() {} })
      // It resolves with the statement, of which its type shows only a part.
      const { name } = (await query.execute()) as unknown as { name: string }
      return name
    },
    get backend() {
      return backend
    },
    end() {
      void sql.end({ timeout: 0 }).catch(() => {})
    },
  }
}
