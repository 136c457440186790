import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Address } from './address.ts'
import { createClient } from './connect.ts'
import { type Database, type DatabaseOptions, openDatabase } from '../caller-session.ts'
import type { Row, PooledConnection } from './pooled-connection.ts'
import { type Statement, statement, sql } from '../statement.ts'
import { createEmptyDatabase, createTestDatabase, PATIENT, type TestDatabase } from '../testing/index.ts'
import { addUser, type TestUser } from '../testing/users.ts'
import { type Proxy, startProxy } from '../testing/proxy.ts'
import { read } from '../testing/read.ts'
import { BEGIN } from '../testing/transaction.ts'

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
/** Opens the maximum of connections. */
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

  // A silent connection raises no error, so each case ends by the deadline.
  test('that goes silent anywhere in the answer is a timeout, and the next call succeeds', async () => {
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

  test('is found by a ping without calls; a live one stays', async () => {
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
      // The limit for its answer.
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
    // A connection that was idle when another missed a deadline may still be pinged.
    await until(() => database.pool.busy === 0)
    expect(database.pool.waiting).toBe(0)
    expect(database.pool.open).toBeLessThanOrEqual(max)
  })
})

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
    'a connection that goes silent after %i messages fails, and the next one succeeds',
    async (n) => {
      await using database = open({ connectTimeoutMs: 500 })
      proxy.breakAfterFrontend(n, 'silence')
      expect(await outcome(database.query(one))).toBe('unavailable')
      // On a busy machine the first connection may time out before it has sent n messages: then the next one goes silent.
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

  test('a connection that opens too late for its caller serves the next one', async () => {
    await using database = open({ waitMs: 50 })
    proxy.delay(50)
    expect(await outcome(readMine(database))).toBe('unavailable')
    proxy.resume()
    await database.pool.ready(20_000)
    await readMine(database)
    expect(proxy.connections).toHaveLength(1)
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

  test('counts in the deadline', async () => {
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

describe('a connection is not reused', () => {
  const works: Record<string, (connection: PooledConnection) => Promise<unknown>> = {
    'with an open transaction': async (connection) => {
      await connection.send(BEGIN)
      await connection.send(one)
    },
    'with a transaction that was just begun': async (connection) => await connection.send(BEGIN),
    'after a setting for the session': async (connection) =>
      await connection.send(statement(sql`set search_path to public`)),
    'with a send under way': async (connection) => void outcome(connection.send(one)),
    'with a half-done send of a failed call': async (connection) => {
      void outcome(connection.send(statement(sql`select pg_sleep(0.5)`)))
      throw new Error('lost interest')
    },
  }
  test.each(Object.keys(works))('%s', async (name) => {
    await using database = open()
    await readMine(database)
    const [before] = proxy.connections
    let used: PooledConnection | undefined
    await outcome(
      database.pool.use(4000, async (connection) => {
        used = connection
        await works[name]?.(connection)
      }),
    )
    expect(used?.closed).toBe(true)
    await readMine(database)
    expect(proxy.connections.at(-1)).not.toBe(before)
  })

  test('after its lifetime', async () => {
    await using database = open({ lifetimeMs: 200 })
    await readMine(database)
    const [before] = proxy.connections
    await until(async () => {
      await readMine(database)
      return !proxy.connections.includes(before ?? { roundTrips: 0, break() {} })
    })
  })
})

describe('with more statements than a connection may prepare', () => {
  const shape = (n: number): Statement =>
    statement(sql`select ${sql.raw(String(n))} as n, ${String(n)}::text as same, count(*) from pg_prepared_statements`)

  /** Runs each statement a few times in a row; returns how many were prepared at each call. */
  async function runAll(call: (shape: Statement) => Promise<Row | undefined>, shapes: number): Promise<number[]> {
    const counts: number[] = []
    for (const round of [1, 2])
      for (let n = 0; n < shapes; n++)
        for (let time = 0; time < 3; time++) {
          const row = await call(shape(n))
          expect([round, row?.['n'], row?.['same']]).toEqual([round, n, String(n)])
          counts.push(Number(row?.['count']))
        }
    return counts
  }

  test('the connection stays, and the least recently used ones are replaced', async () => {
    await using database = open({ maxPrepared: 6 })
    await readMine(database)
    const before = [...proxy.connections]
    const counts = await runAll(async (one) => (await database.query(one))[0], 30)
    expect(Math.max(...counts)).toBe(6)
    expect(proxy.connections).toEqual(before)
    // Three times in a row: two round trips, then three to prepare and run it, then one.
    const costs: number[] = []
    for (let time = 0; time < 3; time++) {
      proxy.reset()
      await database.query(shape(99))
      costs.push(proxy.roundTrips)
    }
    expect(costs).toEqual([2, 3, 1])
  })

  test('a statement that is used in between stays prepared', async () => {
    await using database = open({ maxPrepared: 6 })
    for (let n = 0; n < 60; n++) {
      for (const one of [shape(n), shape(n), shape(1000)]) await database.query(one)
      if (n < 6) continue
      proxy.reset()
      await database.query(shape(1000))
      expect(proxy.roundTrips).toBe(1)
    }
  })

  test('an unprepared statement that fails is not sent again', async () => {
    await using database = open({ maxPrepared: 6 })
    await admin`create sequence public.tried`
    await admin`grant all on public.tried to taskwire_app`
    for (let n = 0; n < 6; n++) await database.query(shape(n))
    const failing = statement(sql`select nextval('public.tried') / ${'0'}::int as n`)
    for (const tried of [1, 2, 3]) {
      expect(await outcome(database.query(failing))).toBe('internal')
      expect((await admin`select last_value::int as tried from public.tried`)[0]).toEqual({ tried })
    }
  })
})

describe('end()', () => {
  test('settles calls under way, the wait queue and connections that open', async () => {
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
