import { setTimeout as pause } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Address } from './address.ts'
import { createClient } from './connect.ts'
import { type Database, type DatabaseOptions, openDatabase } from '../caller-session.ts'
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

// Network faults under load: every call settles, and afterwards the pool works as before.
describe('under load', () => {
  const faults: Record<string, (proxy: Proxy) => void> = {
    'a black hole': (p) => p.blackHole(),
    'half-open connections': (p) => p.breakAll('silence'),
    resets: (p) => p.breakAll('reset'),
    'ended connections': (p) => p.breakAll('end'),
    latency: (p) => p.delay(20),
    'packets of a byte': (p) => p.slice(1),
    'packets of seven bytes, late': (p) => {
      p.slice(7)
      p.delay(5)
    },
  }
  const harmless = new Set(['latency', 'packets of a byte', 'packets of seven bytes, late'])

  test.each(Object.keys(faults))('%s: every call settles, and the pool recovers', async (name) => {
    const max = 4
    // However slow the machine is, only calls that the fault hits miss their deadline.
    await using database = open({ max, deadlineMs: 60_000, waitMs: 60_000, connectTimeoutMs: 5000 })
    const deadlineMs = harmless.has(name) ? 60_000 : 500
    await fillUp(database, max)
    const calls = Array.from({ length: 30 }, async (_, n) => {
      const echo = statement(sql`select ${n}::int as n`)
      return (await database.pool.use(deadlineMs, async (connection) => await connection.send(echo))).rows
    })
    faults[name]?.(proxy)
    const settled = await Promise.allSettled(calls)
    for (const [n, result] of settled.entries())
      if (result.status === 'fulfilled') expect(result.value).toEqual([{ n }])
      else expect(result.reason.fault).toMatch(/^(timeout|unavailable|overloaded)$/)
    const failed = settled.filter(({ status }) => status === 'rejected').length
    if (harmless.has(name)) expect(failed).toBe(0)
    else expect(failed).toBeGreaterThanOrEqual(max)
    proxy.resume()
    await database.pool.ready(20_000)
    await Promise.all(Array.from({ length: 30 }, async () => await readMine(database)))
    // Connections that were idle when another one missed a deadline may still wait for the answer to a ping.
    await until(() => database.pool.busy === 0)
    expect(database.pool.waiting).toBe(0)
    expect(database.pool.open).toBeLessThanOrEqual(max)
  })
})

describe('the wait queue', () => {
  test('is bounded in number and time', async () => {
    await using database = open({ maxWaiting: 2, waitMs: 300 })
    await database.pool.ready(20_000)
    const released = Promise.withResolvers<string>()
    const holder = database.pool.use(4000, () => released.promise)
    const waiters = [outcome(database.query(one)), outcome(database.query(one))]
    expect(database.pool).toMatchObject({ busy: 1, waiting: 2 })
    const third = database.query(one)
    await expect(third).rejects.toMatchObject({
      fault: 'overloaded',
      message: 'Too many calls wait for the database',
      retryAfterMs: expect.any(Number),
    })
    expect(await Promise.all(waiters)).toEqual(['overloaded', 'overloaded'])
    expect(database.pool).toMatchObject({ busy: 1, waiting: 0 })
    released.resolve('released')
    expect(await holder).toBe('released')
    await readMine(database)
    expect(database.pool).toMatchObject({ open: 1, busy: 0, waiting: 0 })
  })

  test('counts towards the deadline', async () => {
    await using database = open({ waitMs: 3_600_000, deadlineMs: 100 })
    const released = Promise.withResolvers<void>()
    const holder = database.pool.use(4000, () => released.promise)
    expect(await outcome(database.query(one))).toMatch(/overloaded|unavailable/)
    released.resolve()
    await holder
  })

  test('leaves the call the rest of its deadline', async () => {
    await using database = open()
    await readMine(database)
    // Uses up a part of the deadline.
    const holder = database.pool.use(4000, async () => await pause(100))
    const asleep = statement(sql`select pg_sleep(600)`)
    const waited = database.pool.use(400, async (connection) => await connection.send(asleep))
    const message = await waited.then(String, (error: Error) => error.message)
    // Timers have whole milliseconds, so the pause may have been a little shorter.
    expect(Number(/within (\d+) ms/.exec(message)?.[1])).toBeLessThan(350)
    await holder
  })

  test('serves callers in their order, before later ones', async () => {
    await using database = open()
    const order: number[] = []
    const call = async (n: number, next?: number): Promise<void> => {
      await database.pool.use(4000, async () => void order.push(n))
      if (next !== undefined) await call(next)
    }
    await Promise.all([call(0, 5), call(1, 6), call(2), call(3), call(4)])
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6])
  })
})
