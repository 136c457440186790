import postgres, { type Sql } from 'postgres'
import type { Address } from './address.ts'

export interface ConnectOptions {
  address: Address
  applicationName: string
  /** Connections at most; 1 unless told. */
  max?: number
  connectTimeoutMs?: number
}

export interface Connection extends AsyncDisposable {
  sql: Sql
}

/** A plain postgres.js client, for migrations, checks and tests: never for what the service does for callers. */
export function createClient({ address, applicationName, max = 1, connectTimeoutMs = 10_000 }: ConnectOptions): Sql {
  return postgres({
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

/** A client for a few statements, closed when its scope ends. */
export async function connectOnce(options: ConnectOptions): Promise<Connection> {
  const sql = createClient(options)
  try {
    await sql`select 1`
  } catch (error) {
    await sql.end({ timeout: 0 })
    throw error
  }
  return { sql, [Symbol.asyncDispose]: () => sql.end({ timeout: 5 }) }
}
