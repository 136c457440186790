import { connect as connectTcp, type Socket } from 'node:net'
import postgres, { type Sql } from 'postgres'
import type { Address } from './address.ts'
import type { Statement } from './statement.ts'

/** One row as the driver gives it: text, except booleans, whole numbers and JSON. */
export type Row = Record<string, unknown>
/** What one statement gave: its rows, and its command tag. */
export interface Outcome {
  rows: Row[]
  command: string
}

/**
 * One connection that is never replaced. postgres.js reconnects by itself, and then runs what was
 * queued behind a dead transaction outside of any: so a slot opens one socket in its life.
 */
export interface Slot {
  /** Sends the statements together, in one round trip where all are prepared; none is left unsettled. */
  send(statements: readonly Statement[]): Promise<PromiseSettledResult<Outcome>[]>
  /** Has the server parse a statement before it is first needed. */
  prepare(text: string, parameters: number): Promise<void>
  isPrepared(text: string): boolean
  readonly prepared: number
  /** True once the connection is gone. */
  readonly closed: boolean
  readonly openedAt: number
  /** Ends the connection at once; what is under way is rejected. */
  destroy(): void
}

export interface SlotOptions {
  address: Address
  connectTimeoutMs: number
  applicationName: string
  onClose(): void
}

const asIs = (value: string): string => value
// Parameters go as text: the driver's own ideas of dates, JSON and booleans are turned off.
const TYPES = {
  text: { to: 25, from: [25, 17, 1082, 1083, 1114, 1184, 2950], serialize: asIs, parse: asIs },
  json: { to: 114, from: [114, 3802], serialize: asIs, parse: (text: string): unknown => JSON.parse(text) },
  bool: { to: 16, from: [16], serialize: asIs, parse: (text: string): boolean => text === 't' },
  whole: { to: 20, from: [20, 21, 23], serialize: asIs, parse: Number },
}

/** Opens a connection and proves that it answers. */
export async function openSlot({ address, connectTimeoutMs, applicationName, onClose }: SlotOptions): Promise<Slot> {
  let socket: Socket | undefined
  let closed = false
  const prepared = new Set<string>()

  // Its type says nothing of `socket`, which postgres.js takes (connection.js, createSocket).
  const extra: object = {
    socket: async (): Promise<Socket> => {
      if (socket !== undefined) throw new Error('This connection has ended')
      const opening = connectTcp({ host: address.host, port: address.port, noDelay: true })
      socket = opening
      // postgres.js reads the name for TLS from here.
      Object.assign(opening, { host: address.host })
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => {
          opening.destroy(Object.assign(new Error('Connecting took too long'), { code: 'CONNECT_TIMEOUT' }))
        }, connectTimeoutMs)
        opening
          .once('connect', resolve)
          .once('error', reject)
          .once('close', () => clearTimeout(late))
        opening.once('connect', () => clearTimeout(late))
      })
      opening.removeAllListeners('error')
      return opening
    },
  }
  const sql: Sql = postgres({
    ...extra,
    host: address.host,
    port: address.port,
    database: address.database,
    username: address.user,
    password: address.password,
    ssl: address.tls === 'off' ? false : address.tls === 'require' ? 'require' : { rejectUnauthorized: true },
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: connectTimeoutMs / 1000,
    fetch_types: false,
    prepare: true,
    types: TYPES,
    connection: { application_name: applicationName },
    onnotice: () => {},
    onclose: () => {
      closed = true
      destroy()
      onClose()
    },
  })

  function destroy(): void {
    closed = true
    // Rejects what is queued, then makes sure of the socket: end() alone waits for the other side.
    void sql.end({ timeout: 0 }).catch(() => {})
    socket?.destroy()
  }

  async function run({ text, parameters }: Statement): Promise<Outcome> {
    const rows = await sql.unsafe(text, [...parameters], { prepare: true })
    return { rows, command: rows.command }
  }

  const slot: Slot = {
    async send(statements) {
      // The driver writes at every kilobyte and at the end of the turn: held together, it is one packet.
      socket?.cork()
      const results = Promise.allSettled(statements.map(run))
      // It takes a statement over within a few microtasks, and then writes in an immediate of its own.
      for (let tick = 0; tick < 6; tick++) await Promise.resolve()
      setImmediate(() => socket?.uncork())
      return await results
    },
    async prepare(text, parameters) {
      if (prepared.has(text)) return
      await sql
        .unsafe(
          text,
          Array.from({ length: parameters }, () => null),
          { prepare: true },
        )
        .describe()
      prepared.add(text)
    },
    isPrepared: (text) => prepared.has(text),
    get prepared() {
      return prepared.size
    },
    get closed() {
      return closed
    },
    openedAt: performance.now(),
    destroy,
  }
  try {
    await slot.prepare('select 1', 0)
  } catch (error) {
    destroy()
    throw error
  }
  return slot
}
