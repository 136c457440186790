import { connect, type Socket } from 'node:net'
import postgres, { type Sql } from 'postgres'
import type { Address } from './address.ts'

export interface ConnectOptions {
  address: Address
  applicationName: string
  /** The most connections; 1 by default. */
  max?: number
  connectTimeoutMs?: number
  /** Called with the text of each notice. */
  onNotice?: (text: string) => void
  /** Creates the client's sockets; by default the driver does. */
  socket?: () => Socket
}

export interface Connection extends AsyncDisposable {
  sql: Sql
}

/** Creates a plain postgres.js client, for migrations, checks and tests, never for calls. */
export function createClient({
  address,
  applicationName,
  max = 1,
  connectTimeoutMs = 10_000,
  onNotice,
  socket,
}: ConnectOptions): Sql {
  // An option of postgres.js that its types lack (connection.js, createSocket).
  const extra: object = socket === undefined ? {} : { socket }
  return postgres({
    ...extra,
    host: address.host,
    port: address.port,
    database: address.database,
    username: address.user,
    password: address.password,
    // Without the host, a certificate for an IP would be verified as one for localhost.
    ssl: address.tls === 'off' ? false : { rejectUnauthorized: address.tls === 'verify', host: address.host },
    max,
    idle_timeout: max === 1 ? 0 : 240,
    connect_timeout: connectTimeoutMs / 1000,
    // PgBouncer before 1.21 loses prepared statements between transactions.
    prepare: !address.pooled,
    fetch_types: false,
    connection: { application_name: applicationName },
    onnotice: (notice) => onNotice?.(String(notice['message'])),
  })
}

/**
 * Connects, for a few statements; the connection is closed when its scope ends. Rejects if there is no server, or if
 * the peer closes the connection, as a load balancer without servers does. By itself the driver would then reconnect
 * for ever, without an error (connection.js, closed).
 */
export async function connectOnce(options: Omit<ConnectOptions, 'max' | 'socket'>): Promise<Connection> {
  const { host, port } = options.address
  let sockets = 0
  let ready = false
  const socket = (): Socket => {
    if (++sockets > 1 && !ready)
      throw Object.assign(new Error(`${host}:${port} closed the connection: no PostgreSQL answers there`), {
        code: 'ECONNRESET',
      })
    // The driver sets these properties on its own sockets, and reads them for TLS and messages.
    return Object.assign(connect({ host, port }), { host, port })
  }
  const sql = createClient({ ...options, socket })
  try {
    await sql`select 1`
    ready = true
  } catch (error) {
    await sql.end({ timeout: 0 })
    throw error
  }
  return { sql, [Symbol.asyncDispose]: () => sql.end({ timeout: 5 }) }
}
