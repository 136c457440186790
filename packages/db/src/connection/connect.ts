import { connect, type Socket } from 'node:net'
import postgres, { type Sql } from 'postgres'
import type { Address } from './address.ts'

export interface ConnectOptions {
  address: Address
  applicationName: string
  /** Connections at most; 1 unless told. */
  max?: number
  connectTimeoutMs?: number
  /** Makes its sockets; the driver otherwise. */
  socket?: () => Socket
}

export interface Connection extends AsyncDisposable {
  sql: Sql
}

/** A plain postgres.js client, for migrations, checks and tests: never for what the service does for callers. */
export function createClient({
  address,
  applicationName,
  max = 1,
  connectTimeoutMs = 10_000,
  socket,
}: ConnectOptions): Sql {
  // Its type says nothing of this, which postgres.js takes (connection.js, createSocket).
  const extra: object = socket === undefined ? {} : { socket }
  return postgres({
    ...extra,
    host: address.host,
    port: address.port,
    database: address.database,
    username: address.user,
    password: address.password,
    // Without the host an IP's certificate would have to be one for localhost.
    ssl: address.tls === 'off' ? false : { rejectUnauthorized: address.tls === 'verify', host: address.host },
    max,
    idle_timeout: max === 1 ? 0 : 240,
    connect_timeout: connectTimeoutMs / 1000,
    // Names of prepared statements are lost between a pooler's transactions before PgBouncer 1.21.
    prepare: !address.pooled,
    fetch_types: false,
    connection: { application_name: applicationName },
    onnotice: () => {},
  })
}

/**
 * A client for a few statements, closed when its scope ends. Rejects where there is no server, and where what takes
 * the connection hangs up, as a balancer does that has nothing behind it: the driver by itself would connect to that
 * again at once, for ever, and say nothing (connection.js, closed).
 */
export async function connectOnce(options: Omit<ConnectOptions, 'max' | 'socket'>): Promise<Connection> {
  const { host, port } = options.address
  let made = 0
  let ready = false
  const socket = (): Socket => {
    if (++made > 1 && !ready)
      throw Object.assign(new Error(`${host}:${port} hung up: no PostgreSQL answers there`), { code: 'ECONNRESET' })
    // As the driver does with its own: for TLS and for what it says.
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
