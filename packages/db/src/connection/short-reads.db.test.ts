import { afterAll, describe, expect, test, vi } from 'vitest'
import { openDatabase } from '../caller-session.ts'
import { createPool, type Pool } from './pool.ts'
import { runStatement } from './run-statement.ts'
import { createShortReads } from './short-reads.ts'
import { type Statement, statementOf } from '../statement.ts'
import { PATIENT } from '../testing/index.ts'
import { startProxiedServer } from '../testing/proxied-server.ts'

const proxied = await startProxiedServer()
afterAll(() => proxied[Symbol.asyncDispose]())
const { admin, ada, proxy, server } = proxied
const address = { ...server.app, port: proxy.port }

const quotient = (n: number, by = 1): Statement => statementOf('select ($1::int / $2::int) as n', [n, by])

/** A pool and its short reads, with one line at a time; its connection has prepared `quotient`. */
async function open(deadlineMs = 60_000) {
  const pool = createPool({ address, max: 5, applicationName: 'test', ...PATIENT })
  const run = createShortReads({ pool, run: runStatement, lines: 1, deadlineMs })
  const read = async (statement: Statement): Promise<unknown> => (await run(statement)).rows[0]?.['n']
  expect(await read(quotient(7))).toBe(7)
  return { pool, read, [Symbol.asyncDispose]: () => pool.end() }
}
const outcome = async (read: Promise<unknown>): Promise<unknown> =>
  await read.catch((error: { fault: string }) => error.fault)
const untilFree = async (pool: Pool): Promise<void> => {
  await vi.waitUntil(() => pool.busy === 0, { timeout: 20_000, interval: 5 })
}

describe('short reads', () => {
  test('share a connection, and each gets its own reply', async () => {
    await using database = await open()
    proxy.reset()
    const reads = Array.from({ length: 16 }, async (_, n) => await database.read(quotient(n)))
    expect(database.pool.busy).toBe(1)
    expect(await Promise.all(reads)).toEqual(Array.from({ length: 16 }, (_, n) => n))
    expect(database.pool.open).toBe(1)
    expect(proxy.roundTrips).toBeLessThan(16)
    await untilFree(database.pool)
  })

  test('are served when the line is full', async () => {
    await using database = await open()
    const reads = Array.from({ length: 40 }, async (_, n) => await database.read(quotient(n)))
    expect(await Promise.all(reads)).toEqual(Array.from({ length: 40 }, (_, n) => n))
    await untilFree(database.pool)
  })

  test('fail one by one', async () => {
    await using database = await open()
    const reads = Array.from({ length: 9 }, async (_, n) => await outcome(database.read(quotient(n, n % 3))))
    expect(await Promise.all(reads)).toEqual(['internal', 1, 1, 'internal', 4, 2, 'internal', 7, 4])
    expect(await database.read(quotient(8))).toBe(8)
    expect(database.pool.open).toBe(1)
  })

  test('do not join behind a slow one', async () => {
    await using database = await open()
    await admin`select pg_advisory_lock(7)`
    const slow = database.read(statementOf('select 1 as n from pg_advisory_lock($1)', ['7']))
    const began = performance.now()
    await vi.waitUntil(() => performance.now() - began > 15, { timeout: 20_000, interval: 1 })
    expect(await database.read(quotient(5))).toBe(5)
    await admin`select pg_advisory_unlock(7)`
    expect(await slow).toBe(1)
  })

  test.each(['silence', 'reset', 'end'] as const)(
    'all fail when the connection is lost by %s; later ones succeed',
    async (how) => {
      await using database = await open(how === 'silence' ? 300 : 60_000)
      const reads = Array.from({ length: 9 }, async (_, n) => await outcome(database.read(quotient(n))))
      proxy.breakAll(how)
      const outcomes = new Set(await Promise.all(reads))
      expect([...outcomes]).toEqual([how === 'silence' ? 'timeout' : 'unavailable'])
      await database.pool.ready(20_000)
      expect(await outcome(database.read(quotient(6)))).toBe(6)
      await untilFree(database.pool)
    },
  )

  test('share no connection of a pooler', async () => {
    const text =
      'select true as is_row, c.user_id as caller_id, c.space_id as caller_space from tw.authenticate(null, $1, null, $2) c, pg_advisory_xact_lock_shared(8)'
    const query = {
      name: 'test',
      isShort: true,
      statement: () => statementOf(text, [ada.caller.credential, 'tasks:read']),
    }
    const startReads = ({ read }: ReturnType<typeof openDatabase>): Promise<unknown>[] =>
      Array.from({ length: 10 }, async () => await read(ada.caller, 'tasks:read', query))
    for (const pooled of [true, false]) {
      await using database = openDatabase({
        address: { ...address, pooled },
        max: 10,
        applicationName: 'test',
        ...PATIENT,
      })
      await Promise.all(startReads(database))
      await untilFree(database.pool)
      await admin`select pg_advisory_lock(8)`
      const reads = startReads(database)
      if (pooled) await vi.waitUntil(() => database.pool.busy === 10, { timeout: 20_000, interval: 5 })
      else expect(database.pool.busy).toBeLessThanOrEqual(2)
      await admin`select pg_advisory_unlock(8)`
      await Promise.all(reads)
    }
  })
})
