import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Address } from './address.ts'
import { createClient } from './connect.ts'
import { type Database, type DatabaseOptions, openDatabase } from '../caller-session.ts'
import { statement, sql } from '../statement.ts'
import { createEmptyDatabase, createTestDatabase, PATIENT, type TestDatabase } from '../testing/index.ts'
import { addUser, type TestUser } from '../testing/users.ts'
import { type Proxy, startProxy } from '../testing/proxy.ts'
import { read } from '../testing/read.ts'

let server: TestDatabase
let admin: Sql
let proxy: Proxy
let ada: TestUser
let address: Address

beforeAll(async () => {
  server = await createTestDatabase()
  admin = createClient({ address: server.admin, applicationName: 'admin' })
  ada = await addUser(admin)
})
beforeEach(async () => {
  proxy = await startProxy(server.app)
  address = { ...server.app, port: proxy.port }
  return async () => await proxy.close()
})
afterAll(async () => {
  await admin.end()
  await server[Symbol.asyncDispose]()
})

const one = statement(sql`select 1 as one`)
const mine = statement(sql`select id from tw.spaces`)

function open(options: Partial<DatabaseOptions> = {}): Database {
  return openDatabase({ address, max: 1, applicationName: 'test', ...PATIENT, ...options })
}
async function readMine(database: Database): Promise<void> {
  expect((await read(database, ada.caller, 'tasks:read', mine)).rows).toEqual([{ id: ada.id }])
}
const outcome = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => 'ok',
    (error: { fault: string }) => error.fault,
  )
// Waits long enough for a slow machine.
const until = async (condition: () => boolean | Promise<boolean>): Promise<boolean> =>
  await vi.waitUntil(condition, { timeout: 20_000, interval: 5 })
/** Opens `max` connections. */
async function fillUp({ pool }: Database, max: number): Promise<void> {
  const together = Promise.withResolvers<void>()
  const using = Array.from({ length: max }, () => pool.use(60_000, () => together.promise))
  await until(() => pool.open === max)
  together.resolve()
  await Promise.all(using)
}

describe('opening', () => {
  test('without a server calls fail at once, and succeed when it is back', async () => {
    await proxy.close()
    const log = vi.fn<NonNullable<DatabaseOptions['log']>>()
    await using database = open({ log })
    const call = read(database, ada.caller, 'tasks:read', mine)
    await expect(call).rejects.toMatchObject({ fault: 'unavailable', retryAfterMs: expect.any(Number) })
    expect(database.pool.up).toBe(false)
    // None of these waits for the next attempt.
    const calls = await Promise.all(Array.from({ length: 50 }, async () => await outcome(database.query(one))))
    expect(new Set(calls)).toEqual(new Set(['unavailable']))
    await proxy.listen()
    await database.pool.ready(20_000)
    await readMine(database)
    expect(log.mock.calls.map(([level, message]) => [level, /answers again|ECONNREFUSED/.exec(message)?.[0]])).toEqual([
      ['warn', 'ECONNREFUSED'],
      ['info', 'answers again'],
    ])
  })

  test('a refused login is logged, and not shown to callers', async () => {
    const log = vi.fn<NonNullable<DatabaseOptions['log']>>()
    await using database = open({ address: { ...address, password: 'wrong' }, log })
    const call = database.query(one)
    await expect(call).rejects.toMatchObject({ fault: 'unavailable', message: expect.not.stringContaining('wrong') })
    expect(log.mock.calls[0]?.[1]).toContain('password authentication failed')
  })

  test('if the address requires TLS, nothing is sent to a server without it', async () => {
    for (const tls of ['require', 'verify'] as const) {
      await using database = open({ address: { ...server.app, tls } })
      expect(await outcome(database.query(one))).toBe('unavailable')
      expect(database.pool.up).toBe(false)
    }
  })

  test.each([0, 2, 3, 4])(
    'opening a connection that goes silent after %i messages fails, and opening the next one succeeds',
    async (n) => {
      await using database = open({ connectTimeoutMs: 500 })
      proxy.breakAfterFrontend(n, 'silence')
      expect(await outcome(database.query(one))).toBe('unavailable')
      // On a busy machine the first connection may time out before it has sent n messages: then the next one goes
      // silent.
      await until(() => proxy.hasBroken)
      await database.pool.ready(20_000)
      await readMine(database)
    },
  )

  test('a server that never answers is unavailable, not overloaded', async () => {
    const mute = createServer(() => {}).listen(0, '127.0.0.1')
    await until(() => mute.listening)
    const { port } = mute.address() as { port: number }
    const database = open({ address: { ...address, port }, waitMs: 100 })
    expect(await outcome(database.query(one))).toBe('unavailable')
    await database.end()
    mute.close()
  })

  test('while connecting fails, the pool tries one connection at a time, whatever the minimum', async () => {
    const mute = createServer((socket) => void socket.resume().on('error', () => {}))
    await once(mute.listen(0, '127.0.0.1'), 'listening')
    const { port } = mute.address() as { port: number }
    // Counts the pool's own sockets, since the server notices their end later.
    const tried: Socket[] = []
    const together: number[] = []
    const count = (message: unknown): void => {
      tried.push((message as { socket: Socket }).socket)
      together.push(tried.filter(({ destroyed }) => !destroyed).length)
    }
    subscribe('net.client.socket', count)
    await using database = open({ max: 5, address: { ...address, port }, connectTimeoutMs: 100 })
    database.pool.start()
    await until(() => tried.length >= 9)
    unsubscribe('net.client.socket', count)
    await database.end()
    mute.close()
    // First the minimum of connections at the same time, then one at a time.
    expect(together.slice(0, 9)).toEqual([1, 2, 3, 4, 5, 1, 1, 1, 1])
  })

  test('a database without migrations answers statements that do not need them', async () => {
    await using empty = await createEmptyDatabase()
    await using database = open({ address: empty.app })
    expect(await database.query(one)).toEqual([{ one: 1 }])
    expect(await outcome(read(database, ada.caller, 'tasks:read', one))).toBe('internal')
  })

  test('a connection that opens too late for its caller serves the next caller', async () => {
    await using database = open({ waitMs: 50 })
    proxy.delay(50)
    expect(await outcome(readMine(database))).toBe('unavailable')
    proxy.resume()
    await database.pool.ready(20_000)
    await readMine(database)
    expect(proxy.connections).toHaveLength(1)
  })
})

describe('end()', () => {
  test('rejects calls under way and in the wait queue', async () => {
    await using database = open({ max: 2, waitMs: 3_600_000, deadlineMs: 3_600_000 })
    await fillUp(database, 2)
    const sleeping = statement(sql`select pg_sleep(0.5)`)
    const calls = [database.query(sleeping), database.query(sleeping), database.query(one), database.pool.ready(4000)]
    const outcomes = Promise.all(calls.map(outcome))
    await database.end()
    await database.end()
    expect(await outcomes).toEqual(['unavailable', 'unavailable', 'unavailable', 'ok'])
    expect(await outcome(database.query(one))).toBe('unavailable')
    expect(await outcome(database.pool.ready(4000))).toBe('unavailable')
    expect(database.pool).toMatchObject({ open: 0, busy: 0, waiting: 0, up: false })
  })

  test('closes connections that are being opened', async () => {
    proxy.blackHole()
    const database = open({ max: 3 })
    database.pool.start()
    const ready = outcome(database.pool.ready(20_000))
    await until(() => proxy.connections.length === 3)
    await database.end()
    expect(await ready).toBe('unavailable')
    proxy.resume()
    await until(() => proxy.connections.length === 0)
    expect(database.pool.open).toBe(0)
  })
})
