import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Address } from './address.ts'
import { createClient } from './connect.ts'
import { type Database, type DatabaseOptions, openDatabase } from '../caller-session.ts'
import type { PooledConnection } from './pooled-connection.ts'
import { statement, sql } from '../statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from '../testing/index.ts'
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

describe('a dead connection', () => {
  test('that answers no call is destroyed at the deadline and replaced', async () => {
    await using database = open()
    await readMine(database)
    const [before] = proxy.connections
    proxy.breakAll('silence')
    let used: PooledConnection | undefined
    const call = database.pool.use(200, async (connection) => {
      used = connection
      return await connection.send(mine)
    })
    expect(await outcome(call)).toBe('timeout')
    expect(used?.closed).toBe(true)
    await readMine(database)
    expect(proxy.connections.filter((connection) => connection !== before)).toHaveLength(1)
  })

  // A silent connection raises no error, so each case ends at the deadline.
  test('that goes silent anywhere in the answer causes a timeout, and the next call succeeds', async () => {
    for (let n = 0; ; n++) {
      await using database = open()
      await readMine(database)
      proxy.breakBeforeBackend(n + 1, 'silence')
      const call = database.pool.use(200, async (connection) => await connection.send(one))
      const ended = await outcome(call)
      const broken = proxy.hasBroken
      proxy.resume()
      await readMine(database)
      if (!broken) return
      expect(ended).toBe('timeout')
    }
  })

  test('is found among the idle ones when another connection misses a deadline', async () => {
    await using database = open({ max: 4 })
    await fillUp(database, 4)
    proxy.breakAll('silence')
    const call = database.pool.use(200, async (connection) => await connection.send(mine))
    expect(await outcome(call)).toBe('timeout')
    await until(() => database.pool.open === 0)
    await readMine(database)
  })

  test('is found by a ping, without any call; a live connection stays', async () => {
    // Fake timers: a live connection answers in time, however slow the machine is.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
    await using database = open({ pingMs: 10_000 })
    try {
      const opening = readMine(database)
      while (!database.pool.up) {
        // The driver connects in a timer.
        vi.advanceTimersByTime(0)
        await new Promise(setImmediate)
      }
      await opening
      const [before] = proxy.connections
      proxy.reset()
      vi.advanceTimersByTime(10_000)
      while (database.pool.busy > 0) await new Promise(setImmediate)
      expect(proxy.roundTrips).toBe(1)
      await readMine(database)
      expect(proxy.connections).toEqual([before])
      proxy.breakAll('silence')
      vi.advanceTimersByTime(10_000)
      expect(database.pool.open).toBe(1)
      // The time limit for the ping's answer.
      vi.advanceTimersByTime(2000)
      expect(database.pool.open).toBe(0)
    } finally {
      vi.useRealTimers()
    }
    await readMine(database)
  })

  test('is replaced after every backend was killed', async () => {
    await using database = open({ max: 5 })
    database.pool.start()
    await until(() => database.pool.open === 5)
    const before = new Set(proxy.connections)
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'taskwire_app' and datname = ${server.name}`
    // The pool is full until a dead connection is found.
    await until(() => proxy.connections.filter((connection) => !before.has(connection)).length === 5)
    await until(() => database.pool.open === 5)
    await Promise.all(Array.from({ length: 20 }, async () => await readMine(database)))
    expect(database.pool.open).toBe(5)
  })
})
