import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createClient } from './connect.ts'
import { type Database, type DatabaseOptions, openDatabase } from '../caller-session.ts'
import { statement, sql } from '../statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from '../testing/index.ts'
import { addAnything, doAnything, newList } from '../testing/mutations.ts'
import { addUser, durable, newMutation, type TestUser } from '../testing/users.ts'
import { type Proxy, startProxy } from '../testing/proxy.ts'
import { read } from '../testing/read.ts'

// Cancelled reads stop in the server too; mutations run to their end.

let server: TestDatabase
let admin: Sql
let proxy: Proxy
let ada: TestUser

beforeAll(async () => {
  server = await createTestDatabase()
  admin = createClient({ address: server.admin, applicationName: 'admin', max: 2 })
  ada = await addUser(admin)
  await addAnything(admin)
})
beforeEach(async () => {
  proxy = await startProxy(server.app)
  return async () => await proxy.close()
})
afterAll(async () => {
  await admin.end()
  await server[Symbol.asyncDispose]()
})

const mine = statement(sql`select id from tw.spaces`)
// Longer than any test, so that only a cancel request ends it.
const asleep = statement(sql`select pg_sleep(600)`)

function open(options: Partial<DatabaseOptions> = {}): Database {
  const address = { ...server.app, port: proxy.port }
  return openDatabase({ address, max: 1, applicationName: 'cancel', ...PATIENT, ...options })
}
const outcome = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => 'ok',
    (error: { fault: string }) => error.fault,
  )
async function running(): Promise<number> {
  return (
    await admin`select from pg_stat_activity where application_name = 'cancel' and datname = ${server.name}
      and state = 'active' and query like '%pg_sleep(600)%'`
  ).length
}
const until = async (condition: () => Promise<boolean>): Promise<boolean> =>
  await vi.waitUntil(condition, { timeout: 20_000, interval: 5 })
async function works(database: Database): Promise<void> {
  expect((await read(database, ada.caller, 'tasks:read', mine)).rows).toEqual([{ id: ada.id }])
}

test('a cancelled read stops in the server, and its connection serves the next call', async () => {
  await using database = open()
  await works(database)
  const [connection] = proxy.connections
  for (let n = 0; n < 20; n++) {
    const caller = new AbortController()
    const call = outcome(read(database, ada.caller, 'tasks:read', asleep, caller.signal))
    await until(async () => (await running()) === 1)
    caller.abort()
    // The next call gets the connection at once: a late cancel request would hit it.
    await Promise.all([works(database), works(database)])
    expect(await call).toBe('cancelled')
    expect(await running()).toBe(0)
  }
  expect(proxy.connections[0]).toBe(connection)
  expect(database.pool).toMatchObject({ open: 1, busy: 0 })
})

test('cancelling a read, at any moment, does not cancel another call', async () => {
  await using database = open()
  await works(database)
  const outcomes = new Set<string>()
  for (let n = 0; n < 200; n++) {
    const caller = new AbortController()
    const call = outcome(read(database, ada.caller, 'tasks:read', mine, caller.signal))
    for (let iteration = 0; iteration < n % 8; iteration++) await new Promise(setImmediate)
    caller.abort()
    await works(database)
    outcomes.add(await call)
  }
  expect([...outcomes].filter((fault) => fault !== 'ok')).toEqual(['cancelled'])
})

test('a read cancelled in the wait queue leaves it, and takes no connection', async () => {
  await using database = open()
  await works(database)
  const released = Promise.withResolvers<void>()
  const holder = database.pool.use(4000, () => released.promise)
  const caller = new AbortController()
  const call = outcome(read(database, ada.caller, 'tasks:read', asleep, caller.signal))
  expect(database.pool.waiting).toBe(1)
  caller.abort()
  expect(await call).toBe('cancelled')
  expect(database.pool.waiting).toBe(0)
  expect(await outcome(read(database, ada.caller, 'tasks:read', asleep, caller.signal))).toBe('cancelled')
  released.resolve()
  await holder
  await works(database)
})

test('a read cancelled while it gets a connection does not begin', async () => {
  await admin.unsafe(`alter role taskwire_app in database ${server.name} set statement_timeout = 0`)
  try {
    await using database = open({ deadlineMs: 3_600_000, waitMs: 3_600_000 })
    await works(database)
    for (let steps = 0; steps < 20; steps++) {
      const released = Promise.withResolvers<void>()
      const holder = database.pool.use(3_600_000, () => released.promise)
      const caller = new AbortController()
      const call = outcome(read(database, ada.caller, 'tasks:read', asleep, caller.signal))
      released.resolve()
      for (let step = 0; step < steps; step++) await Promise.resolve()
      caller.abort()
      expect(await call).toBe('cancelled')
      await holder
    }
    await works(database)
  } finally {
    await admin.unsafe(`alter role taskwire_app in database ${server.name} reset statement_timeout`)
  }
})

test('if the cancel request cannot be sent, the connection is destroyed', async () => {
  await using database = open({ deadlineMs: 3_600_000 })
  await works(database)
  const caller = new AbortController()
  const call = outcome(read(database, ada.caller, 'tasks:read', asleep, caller.signal))
  await until(async () => (await running()) === 1)
  proxy.blackHole()
  caller.abort()
  expect(await call).toBe('cancelled')
  expect(database.pool.open).toBe(0)
  proxy.resume()
  await works(database)
  await until(async () => (await running()) === 0)
})

test('a read that misses its deadline stops in the server', async () => {
  await using database = open({ deadlineMs: 2000 })
  await works(database)
  const call = outcome(read(database, ada.caller, 'tasks:read', asleep))
  await until(async () => (await running()) === 1)
  expect(await call).toBe('timeout')
  await until(async () => (await running()) === 0)
  await works(database)
})

test('statement_timeout is a timeout, and the connection stays', async () => {
  await admin.unsafe(`alter role taskwire_app in database ${server.name} set statement_timeout = '200ms'`)
  try {
    await using database = open()
    // On a busy machine any statement may hit the limit, so nothing else runs here.
    await database.pool.ready(20_000)
    const connection = proxy.connections.at(-1)
    expect(await outcome(read(database, ada.caller, 'tasks:read', asleep))).toBe('timeout')
    const mutation = newMutation()
    // The cancelled statement is rolled back.
    const slow = doAnything(
      'with changed as (update tw.spaces set revision = 9 returning id) select pg_sleep(600) from changed',
    )
    expect(await outcome(database.mutate(ada.caller, mutation, 'request', slow))).toBe('timeout')
    expect(await durable(admin, ada)).toEqual([])
    expect(await outcome(read(database, ada.caller, 'tasks:read', asleep))).toBe('timeout')
    expect(proxy.connections.at(-1)).toBe(connection)
  } finally {
    await admin.unsafe(`alter role taskwire_app in database ${server.name} reset statement_timeout`)
  }
})

test('the outcome of a mutation that misses its deadline is unknown, until a call with the same mutation id resolves it', async () => {
  await using database = open({ deadlineMs: 2000 })
  await works(database)
  for (const how of ['before it is read', 'after it is done'] as const) {
    const mutation = newMutation()
    const list = newList()
    if (how === 'before it is read') proxy.breakAfterFrontend(0, 'silence')
    else proxy.breakBeforeBackend(1, 'silence')
    expect(await outcome(database.mutate(ada.caller, mutation, 'request', list))).toBe('timeout')
    // The server goes on with the statement.
    if (how === 'after it is done') await until(async () => (await durable(admin, ada)).includes(mutation.id ?? ''))
    else expect(await durable(admin, ada)).not.toContain(mutation.id)
    const again = await database.mutate(ada.caller, mutation, 'request', list)
    expect(again).toMatchObject({ outcome: 'ok', replayed: how === 'after it is done' })
    expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
  }
})
