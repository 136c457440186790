import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Address } from './address.ts'
import { createClient } from './connect.ts'
import { type Database, type DatabaseOptions, openDatabase } from '../caller-session.ts'
import type { Row } from './outcome.ts'
import type { PooledConnection } from './pooled-connection.ts'
import { type Statement, statement, sql } from '../statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from '../testing/index.ts'
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

  test('the connection stays, and the least recently used statements are replaced', async () => {
    await using database = open({ maxPrepared: 6 })
    await readMine(database)
    const before = [...proxy.connections]
    const counts = await runAll(async (one) => (await database.query(one))[0], 30)
    expect(Math.max(...counts)).toBe(6)
    expect(proxy.connections).toEqual(before)
    // A new statement takes two round trips, then three (to prepare and run it), then one.
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
