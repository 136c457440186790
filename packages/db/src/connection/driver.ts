import type { Socket } from 'node:net'
import postgres, { type Sql } from 'postgres'
import type { Address } from './address.ts'
import type { Backend } from './cancel.ts'
import type { Outcome, Row } from './outcome.ts'
import type { Statement } from '../statement.ts'

/** postgres.js on one connection. Values are sent as text, and no statement is sent twice. */
export interface Driver {
  /** Runs the statement prepared under the key. Without a key it runs the text unprepared, in two round trips. */
  run(statement: Statement, key?: string): Promise<Outcome>
  /** Runs a text without parameters, unprepared. */
  runBare(text: string): Promise<Outcome>
  /** Prepares the text under a key, replacing the key's earlier statement; returns the new one's name in the server. */
  prepare(text: string, parameters: number, key: string): Promise<string>
  /** The server process; undefined until the first answer. */
  readonly backend: Backend | undefined
  end(): void
}

export interface DriverOptions {
  address: Address
  applicationName: string
  socket(): Promise<Socket>
  onClose(): void
  /** Called with the key of a statement whose plan is stale, before the statement is rejected. */
  onStale(key: string): void
  onNotify: ((payload: string) => void) | undefined
}

const asIs = (value: string): string => value
// Values are sent as text: without the driver's own conversion of dates, JSON and booleans.
const TYPES = {
  text: { to: 25, from: [25, 17, 1082, 1083, 1114, 1184, 2950], serialize: asIs, parse: asIs },
  json: { to: 114, from: [114, 3802], serialize: asIs, parse: (text: string): unknown => JSON.parse(text) },
  bool: { to: 16, from: [16], serialize: asIs, parse: (text: string): boolean => text === 't' },
  whole: { to: 20, from: [20, 21, 23], serialize: asIs, parse: Number },
}

/** True for an error that the server sent. */
export const isRefusal = (error: unknown): boolean => error instanceof postgres.PostgresError

const stale = new WeakSet<Error>()
/** True if a statement was rejected because its plan was stale. Such a statement had no effect. */
export const isStale = (error: unknown): boolean => error instanceof Error && stale.has(error)

/** Creates a driver; it connects with the first statement. */
export function openDriver(options: DriverOptions): Driver {
  const sql = createSql(options)
  let backend: Backend | undefined
  let sentOnce: object | undefined

  // When a plan is stale, the driver would send the statement again (connection.js, retry), but with our key as its
  // text. Before that it sets `retried` to the error, which this setter intercepts. The setter is on a prototype:
  // defined on each query, it would create a hidden class for each, directly in V8's old generation.
  function asSentOnce(query: object): object {
    return Object.create(Object.getPrototypeOf(query), {
      retried: {
        set(this: { strings: [string]; reject(error: Error): void; cancelled: boolean }, error: Error) {
          options.onStale(this.strings[0])
          stale.add(error)
          this.cancelled = true
          this.reject(error)
        },
      },
    })
  }

  function run(text: string, parameters: readonly (string | null)[], how: object): Promise<Outcome> {
    const query = sql.unsafe<Row[]>(text, [...parameters], how)
    Object.setPrototypeOf(query, (sentOnce ??= asSentOnce(query)))
    return query.execute().then((result) => {
      backend = result.state
      const { command } = result
      // Takes the rows out of the result, since V8 keeps the result until a full garbage collection. Filters them,
      // since after an error that followed rows the driver does not reset its counter: the next result begins with
      // holes.
      const rows = result.splice(0).filter(() => true)
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
      // The driver keeps prepared statements by their types and text (connection.js, build), and never removes one.
      // With the key instead of the text, a new statement replaces the earlier one of its key.
      const signature = `${nothing.map(() => 0).join()}${key}`
      void Object.defineProperty(query, 'signature', { get: () => signature, set() {} })
      // execute() resolves with the prepared statement; its type lacks `name`.
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

function createSql({ address, applicationName, socket, onClose, onNotify }: DriverOptions): Sql {
  // Options of postgres.js that its types lack (connection.js, createSocket and NotificationResponse).
  const extra: object = { socket, onnotify: (_channel: string, payload: string) => onNotify?.(payload) }
  return postgres({
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
    // No limit of its own: the pooled connection has one for all steps of opening.
    connect_timeout: 0,
    fetch_types: false,
    prepare: true,
    types: TYPES,
    connection: { application_name: applicationName },
    onnotice: () => {},
    onclose: onClose,
  })
}
