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
import { addUser, type Person } from '../testing/users.ts'
import { type Proxy, startProxy } from '../testing/proxy.ts'
import { read } from '../testing/read.ts'
import { BEGIN } from '../testing/transaction.ts'

let server: TestDatabase
let admin: Sql
let proxy: Proxy
let ada: Person
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
// However slow the machine is.
const until = async (condition: () => boolean | Promise<boolean>): Promise<boolean> =>
  await vi.waitUntil(condition, { timeout: 20_000, interval: 5 })
/** Has as many connections open as the pool may. */
async function fillUp({ pool }: Database, max: number): Promise<void> {
  const together = Promise.withResolvers<void>()
  const using = Array.from({ length: max }, () => pool.use(60_000, () => together.promise))
  await until(() => pool.open === max)
  together.resolve()
  await Promise.all(using)
}

describe('a dead connection', () => {
  test('that swallows a call misses the deadline, is destroyed and replaced', async () => {
    await using database = open()
    await readMine(database)
    const [before] = proxy.connections
    proxy.breakAll('silence')
    let used: PooledConnection | undefined
    const call = database.pool.use(200, async (slot) => {
      used = slot
      return await slot.send(mine)
    })
    expect(await outcome(call)).toBe('timeout')
    expect(used?.closed).toBe(true)
    await readMine(database)
    expect(proxy.connections.filter((connection) => connection !== before)).toHaveLength(1)
  })

  // A silent connection tells nothing, so every position is the deadline's.
  test('that goes silent anywhere in the answer is a time-out, and the next call is served', async () => {
    for (let n = 0; ; n++) {
      await using database = open()
      await readMine(database)
      proxy.breakBeforeBackend(n + 1, 'silence')
      const call = database.pool.use(200, async (slot) => await slot.send(one))
      const ended = await outcome(call)
      const broken = proxy.hasBroken
      proxy.resume()
      await readMine(database)
      if (!broken) return
      expect(ended).toBe('timeout')
    }
  })

  test('is found among the idle when another has missed its deadline', async () => {
    await using database = open({ max: 4 })
    await fillUp(database, 4)
    proxy.breakAll('silence')
    const call = database.pool.use(200, async (slot) => await slot.send(mine))
    expect(await outcome(call)).toBe('timeout')
    await until(() => database.pool.open === 0)
    await readMine(database)
  })

  test('is found by a ping while nobody calls; a living one stays', async () => {
    // Time goes by at a word: however slow the machine is, a living one answers in time.
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
      // As long as its answer may take.
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
    // There is no room for a new one until an old one is known to be dead.
    await until(() => proxy.connections.filter((connection) => !before.has(connection)).length === 5)
    await until(() => database.pool.open === 5)
    await Promise.all(Array.from({ length: 20 }, async () => await readMine(database)))
    expect(database.pool.open).toBe(5)
  })
})

// What the network may do to a pool under load: every call settles, each in its place, and then all is as before.
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

  test.each(Object.keys(faults))('%s: every call settles, and the pool heals', async (name) => {
    const max = 4
    // However slow the machine is, only what the fault swallows misses its deadline.
    await using database = open({ max, deadlineMs: 60_000, waitMs: 60_000, connectTimeoutMs: 5000 })
    const deadlineMs = harmless.has(name) ? 60_000 : 500
    await fillUp(database, max)
    const calls = Array.from({ length: 30 }, async (_, n) => {
      const echo = statement(sql`select ${n}::int as n`)
      return (await database.pool.use(deadlineMs, async (slot) => await slot.send(echo))).rows
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
    // One that was idle when another missed its deadline may still be asked for a sign of life.
    await until(() => database.pool.busy === 0)
    expect(database.pool.waiting).toBe(0)
    expect(database.pool.open).toBeLessThanOrEqual(max)
  })
})

describe('opening', () => {
  test('where nothing listens calls are refused at once, and served when it does', async () => {
    await proxy.close()
    const log = vi.fn<NonNullable<DatabaseOptions['log']>>()
    await using database = open({ log })
    const call = read(database, ada.caller, 'tasks:read', mine)
    await expect(call).rejects.toMatchObject({ fault: 'unavailable', retryAfterMs: expect.any(Number) })
    expect(database.pool.up).toBe(false)
    // None of these waits for the next try.
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

  test('a refused login is told in the log and not to callers', async () => {
    const log = vi.fn<NonNullable<DatabaseOptions['log']>>()
    await using database = open({ address: { ...address, password: 'wrong' }, log })
    const call = database.query(one)
    await expect(call).rejects.toMatchObject({ fault: 'unavailable', message: expect.not.stringContaining('wrong') })
    expect(log.mock.calls[0]?.[1]).toContain('password authentication failed')
  })

  test('a server without TLS is not spoken to in plain text where TLS is asked for', async () => {
    for (const tls of ['require', 'verify'] as const) {
      await using database = open({ address: { ...server.app, tls } })
      expect(await outcome(database.query(one))).toBe('unavailable')
      expect(database.pool.up).toBe(false)
    }
  })

  test.each([0, 2, 3, 4])('that goes silent after %i messages ends, and the next one heals', async (n) => {
    await using database = open({ connectTimeoutMs: 500 })
    proxy.breakAfterFrontend(n, 'silence')
    expect(await outcome(database.query(one))).toBe('unavailable')
    // On a busy machine the first may end before it has sent so many: then the next one goes silent.
    await until(() => proxy.hasBroken)
    await database.pool.ready(20_000)
    await readMine(database)
  })

  test('a listener that never answers counts as unavailable, not as overloaded', async () => {
    const mute = createServer(() => {}).listen(0, '127.0.0.1')
    await until(() => mute.listening)
    const { port } = mute.address() as { port: number }
    const database = open({ address: { ...address, port }, waitMs: 100 })
    expect(await outcome(database.query(one))).toBe('unavailable')
    await database.end()
    mute.close()
  })

  test('while it fails one is tried at a time, however many are kept', async () => {
    const mute = createServer((socket) => void socket.resume().on('error', () => {}))
    await once(mute.listen(0, '127.0.0.1'), 'listening')
    const { port } = mute.address() as { port: number }
    // As the pool sees them: the other side learns of an end later.
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
    // All that are kept at first, and then each by itself.
    expect(together.slice(0, 9)).toEqual([1, 2, 3, 4, 5, 1, 1, 1, 1])
  })

  test('a database that is not migrated yet answers what it can', async () => {
    await using empty = await createEmptyDatabase()
    await using database = open({ address: empty.app })
    expect(await database.query(one)).toEqual([{ one: 1 }])
    expect(await outcome(read(database, ada.caller, 'tasks:read', one))).toBe('internal')
  })

  test('a connection that comes too late for who asked for it serves the next', async () => {
    await using database = open({ waitMs: 50 })
    proxy.delay(50)
    expect(await outcome(readMine(database))).toBe('unavailable')
    proxy.resume()
    await database.pool.ready(20_000)
    await readMine(database)
    expect(proxy.connections).toHaveLength(1)
  })
})

describe('waiting', () => {
  test('is bounded in number and time', async () => {
    await using database = open({ maxWaiting: 2, waitMs: 300 })
    await database.pool.ready(20_000)
    const held = Promise.withResolvers<string>()
    const holder = database.pool.use(4000, () => held.promise)
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
    held.resolve('held')
    expect(await holder).toBe('held')
    await readMine(database)
    expect(database.pool).toMatchObject({ open: 1, busy: 0, waiting: 0 })
  })

  test('is counted in the deadline', async () => {
    await using database = open({ waitMs: 3_600_000, deadlineMs: 100 })
    const held = Promise.withResolvers<void>()
    const holder = database.pool.use(4000, () => held.promise)
    expect(await outcome(database.query(one))).toMatch(/overloaded|unavailable/)
    held.resolve()
    await holder
  })

  test('leaves the call what is left of its deadline', async () => {
    await using database = open()
    await readMine(database)
    // Time has to pass for there to be less of it.
    const holder = database.pool.use(4000, async () => await pause(100))
    const asleep = statement(sql`select pg_sleep(600)`)
    const waited = database.pool.use(400, async (slot) => await slot.send(asleep))
    const message = await waited.then(String, (error: Error) => error.message)
    // A timer counts in whole milliseconds: the pause may have been a little shorter.
    expect(Number(/within (\d+) ms/.exec(message)?.[1])).toBeLessThan(350)
    await holder
  })

  test('ends in the order of asking, before whoever asks later', async () => {
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

describe('a connection is not lent on', () => {
  const works: Record<string, (slot: PooledConnection) => Promise<unknown>> = {
    'with an open transaction': async (slot) => {
      await slot.send(BEGIN)
      await slot.send(one)
    },
    'with a transaction that was just begun': async (slot) => await slot.send(BEGIN),
    'after a setting for the session': async (slot) => await slot.send(statement(sql`set search_path to public`)),
    'with a send under way': async (slot) => void outcome(slot.send(one)),
    'with a half-done send of a failed call': async (slot) => {
      void outcome(slot.send(statement(sql`select pg_sleep(0.5)`)))
      throw new Error('lost interest')
    },
  }
  test.each(Object.keys(works))('%s', async (name) => {
    await using database = open()
    await readMine(database)
    const [before] = proxy.connections
    let used: PooledConnection | undefined
    await outcome(
      database.pool.use(4000, async (slot) => {
        used = slot
        await works[name]?.(slot)
      }),
    )
    expect(used?.closed).toBe(true)
    await readMine(database)
    expect(proxy.connections.at(-1)).not.toBe(before)
  })

  test('for longer than its lifetime', async () => {
    await using database = open({ lifetimeMs: 200 })
    await readMine(database)
    const [before] = proxy.connections
    await until(async () => {
      await readMine(database)
      return !proxy.connections.includes(before ?? { roundTrips: 0, break() {} })
    })
  })
})

describe('more statements than a connection may have prepared', () => {
  const shape = (n: number): Statement =>
    statement(sql`select ${sql.raw(String(n))} as n, ${String(n)}::text as same, count(*) from pg_prepared_statements`)

  /** Runs each shape a few times in a row; returns how many were prepared, as each call saw it. */
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

  test('the connection stays, and the least recently used ones make room', async () => {
    await using database = open({ maxPrepared: 6 })
    await readMine(database)
    const before = [...proxy.connections]
    const counts = await runAll(async (one) => (await database.query(one))[0], 30)
    expect(Math.max(...counts)).toBe(6)
    expect(proxy.connections).toEqual(before)
    // Three times in a row it costs two round trips, three to prepare and run it, and one.
    const costs: number[] = []
    for (let time = 0; time < 3; time++) {
      proxy.reset()
      await database.query(shape(99))
      costs.push(proxy.roundTrips)
    }
    expect(costs).toEqual([2, 3, 1])
  })

  test('one that is used between stays', async () => {
    await using database = open({ maxPrepared: 6 })
    for (let n = 0; n < 60; n++) {
      for (const one of [shape(n), shape(n), shape(1000)]) await database.query(one)
      if (n < 6) continue
      proxy.reset()
      await database.query(shape(1000))
      expect(proxy.roundTrips).toBe(1)
    }
  })

  test('one that fails unprepared is not sent again', async () => {
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

describe('the end', () => {
  test('settles what is under way, waits and opens', async () => {
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

  test('while connections open closes them', async () => {
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
