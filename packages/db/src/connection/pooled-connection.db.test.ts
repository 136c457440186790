import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openPooledConnection, type Sent, type PooledConnection } from './pooled-connection.ts'
import { statement, sql } from '../statement.ts'
import { createTestDatabase, type TestDatabase } from '../testing/index.ts'
import { type Proxy, startProxy } from '../testing/proxy.ts'
import { BEGIN } from '../testing/transaction.ts'

let server: TestDatabase
let proxy: Proxy
const onClose = vi.fn<() => void>()
beforeAll(async () => {
  server = await createTestDatabase()
})
beforeEach(async () => {
  onClose.mockReset()
  proxy = await startProxy(server.app)
  return async () => await proxy.close()
})
afterAll(async () => await server[Symbol.asyncDispose]())

async function open(): Promise<PooledConnection> {
  const connection = openPooledConnection({
    address: { ...server.app, port: proxy.port },
    connectTimeoutMs: 5000,
    applicationName: 'test',
    onClose,
  })
  await connection.opened
  return connection
}

// Waits long enough for a slow machine.
const until = async (condition: () => boolean): Promise<boolean> =>
  await vi.waitUntil(condition, { timeout: 20_000, interval: 5 })

const one: Sent = statement(sql`select ${'1'}::int as one`)
const bad: Sent = statement(sql`select 1 / ${'0'}::int as one`)

test('each statement gets its own result or error', async () => {
  const connection = await open()
  const results = await Promise.allSettled([connection.send(one), connection.send(bad), connection.send(one)])
  expect(results).toMatchObject([
    { value: { rows: [{ one: 1 }], command: 'SELECT' } },
    { reason: { code: '22012' } },
    { value: { rows: [{ one: 1 }], command: 'SELECT' } },
  ])
  expect(connection.clean).toBe(true)
  connection.destroy()
})

test('a parameter or statement that is not text throws before anything is sent', async () => {
  const connection = await open()
  proxy.reset()
  const nothing = undefined as unknown as string
  for (const parameters of [[nothing], [1 as unknown as string], Array.from({ length: 65_534 }, () => 'x')])
    await expect(connection.send({ text: 'select $1', parameters })).rejects.toThrow(TypeError)
  await expect(connection.send({ text: nothing, parameters: [] })).rejects.toThrow(TypeError)
  expect(proxy.roundTrips).toBe(0)
  expect(connection.clean).toBe(true)
  connection.destroy()
})

test('a connection is not clean while a statement is under way, or after a transaction was begun', async () => {
  const connection = await open()
  const sending = connection.send(one)
  expect(connection.clean).toBe(false)
  await sending
  expect(connection.clean).toBe(true)
  await connection.send(BEGIN)
  expect(connection.clean).toBe(false)
  await connection.send(one)
  expect(connection.clean).toBe(false)
  connection.destroy()
})

test.each(['end', 'reset'] as const)(
  'after the %s of a connection no statement is left waiting, and none is sent',
  async (how) => {
    const connection = await open()
    await connection.send(one)
    proxy.breakAfterFrontend(0, how)
    const results = await Promise.allSettled([connection.send(one), connection.send(bad), connection.send(one)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(connection).toMatchObject({ closed: true, clean: false })
    await expect(connection.send(one)).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await proxy.settled()
    expect(proxy.connections).toEqual([])
    expect(onClose).toHaveBeenCalledOnce()
  },
)

test('destroy() rejects statements under way with the reason', async () => {
  const connection = await open()
  const sending = connection.send(one)
  const waiting = connection.send(bad)
  const reason = new Error('enough')
  connection.destroy(reason)
  connection.destroy()
  await expect(sending).rejects.toBe(reason)
  await expect(waiting).rejects.toBe(reason)
  expect(onClose).toHaveBeenCalledOnce()
})

test('destroy() releases the socket, even if the other side does not close it', async () => {
  const sockets: Socket[] = []
  const mute = createServer({ allowHalfOpen: true }, (socket) => void sockets.push(socket.resume()))
  await once(mute.listen(0, '127.0.0.1'), 'listening')
  const openSockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
  const before = openSockets()
  const { port } = mute.address() as AddressInfo
  const address = { ...server.app, port }
  const connection = openPooledConnection({ address, connectTimeoutMs: 60_000, applicationName: 'test', onClose })
  await until(() => sockets.length === 1)
  expect(openSockets()).toBe(before + 2)
  connection.destroy()
  await expect(connection.opened).rejects.toMatchObject({ code: 'CONNECTION_DESTROYED' })
  // Only the server's end is left.
  await until(() => openSockets() === before + 1)
  for (const socket of sockets) socket.destroy()
  mute.close()
})

test('if the connection ends while it opens, opening rejects', async () => {
  // The server ends the connection after it has read the first message: an earlier end may look like a reset.
  proxy.breakAfterFrontend(0, 'end')
  await expect(open()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  await proxy.settled()
  expect(proxy.connections).toEqual([])
  expect(onClose).toHaveBeenCalledOnce()
})

test('a statement with a stale plan is rejected, and not sent again', async () => {
  const connection = await open()
  const all: Sent = statement(sql`select * from pg_temp.growing`)
  const count: Sent = statement(sql`select nextval('pg_temp.tried') as tried, * from pg_temp.growing`)
  const bare = async (text: string) => await connection.send({ text, parameters: [], bare: true })
  await bare('create temp table growing (a int)')
  await bare('create temp sequence tried')
  await bare('insert into growing values (1)')
  await connection.send(all)
  await connection.send(count)
  await bare('alter table growing add column b int')
  await expect(connection.send(count)).rejects.toMatchObject({ code: '0A000' })
  expect(connection.isPrepared(count)).toBe(false)
  expect(connection.isPrepared(all)).toBe(true)
  expect(await connection.send(count)).toMatchObject({ rows: [{ tried: 2, a: 1, b: null }] })
  connection.destroy()
})
