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
  const slot = openPooledConnection({
    address: { ...server.app, port: proxy.port },
    connectTimeoutMs: 5000,
    applicationName: 'test',
    onClose,
  })
  await slot.opened
  return slot
}

// However slow the machine is.
const until = async (condition: () => boolean): Promise<boolean> =>
  await vi.waitUntil(condition, { timeout: 20_000, interval: 5 })

const one: Sent = statement(sql`select ${'1'}::int as one`)
const bad: Sent = statement(sql`select 1 / ${'0'}::int as one`)

test('each statement gets its own result, or its own refusal', async () => {
  const slot = await open()
  const results = await Promise.allSettled([slot.send(one), slot.send(bad), slot.send(one)])
  expect(results).toMatchObject([
    { value: { rows: [{ one: 1 }], command: 'SELECT' } },
    { reason: { code: '22012' } },
    { value: { rows: [{ one: 1 }], command: 'SELECT' } },
  ])
  expect(slot.clean).toBe(true)
  slot.destroy()
})

test('what is no text is refused before anything is sent', async () => {
  const slot = await open()
  proxy.reset()
  const nothing = undefined as unknown as string
  for (const parameters of [[nothing], [1 as unknown as string], Array.from({ length: 65_534 }, () => 'x')])
    await expect(slot.send({ text: 'select $1', parameters })).rejects.toThrow(TypeError)
  await expect(slot.send({ text: nothing, parameters: [] })).rejects.toThrow(TypeError)
  expect(proxy.roundTrips).toBe(0)
  expect(slot.clean).toBe(true)
  slot.destroy()
})

test('it is not clean while a send is under way, nor once a transaction has been begun', async () => {
  const slot = await open()
  const sending = slot.send(one)
  expect(slot.clean).toBe(false)
  await sending
  expect(slot.clean).toBe(true)
  await slot.send(BEGIN)
  expect(slot.clean).toBe(false)
  await slot.send(one)
  expect(slot.clean).toBe(false)
  slot.destroy()
})

test.each(['end', 'reset'] as const)(
  'after its %s nothing is left waiting, and nothing is sent any more',
  async (how) => {
    const slot = await open()
    await slot.send(one)
    proxy.breakAfterFrontend(0, how)
    const results = await Promise.allSettled([slot.send(one), slot.send(bad), slot.send(one)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(slot).toMatchObject({ closed: true, clean: false })
    await expect(slot.send(one)).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await proxy.settled()
    expect(proxy.connections).toEqual([])
    expect(onClose).toHaveBeenCalledOnce()
  },
)

test('destroyed, it rejects what is under way with the reason', async () => {
  const slot = await open()
  const sending = slot.send(one)
  const waiting = slot.send(bad)
  const reason = new Error('enough')
  slot.destroy(reason)
  slot.destroy()
  await expect(sending).rejects.toBe(reason)
  await expect(waiting).rejects.toBe(reason)
  expect(onClose).toHaveBeenCalledOnce()
})

test('destroyed, it holds nothing of the system, though the other side never hangs up', async () => {
  const sockets: Socket[] = []
  const mute = createServer({ allowHalfOpen: true }, (socket) => void sockets.push(socket.resume()))
  await once(mute.listen(0, '127.0.0.1'), 'listening')
  const held = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
  const before = held()
  const { port } = mute.address() as AddressInfo
  const address = { ...server.app, port }
  const slot = openPooledConnection({ address, connectTimeoutMs: 60_000, applicationName: 'test', onClose })
  await until(() => sockets.length === 1)
  expect(held()).toBe(before + 2)
  slot.destroy()
  await expect(slot.opened).rejects.toMatchObject({ code: 'CONNECTION_DESTROYED' })
  // The other end of it is left.
  await until(() => held() === before + 1)
  for (const socket of sockets) socket.destroy()
  mute.close()
})

test('destroyed while it opens, it never opens', async () => {
  // With its first message read: an end before that may be seen as a reset.
  proxy.breakAfterFrontend(0, 'end')
  await expect(open()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  await proxy.settled()
  expect(proxy.connections).toEqual([])
  expect(onClose).toHaveBeenCalledOnce()
})

test('a statement whose plan has gone stale is refused, and not sent again', async () => {
  const slot = await open()
  const all: Sent = statement(sql`select * from pg_temp.growing`)
  const count: Sent = statement(sql`select nextval('pg_temp.tried') as tried, * from pg_temp.growing`)
  const bare = async (text: string) => await slot.send({ text, parameters: [], bare: true })
  await bare('create temp table growing (a int)')
  await bare('create temp sequence tried')
  await bare('insert into growing values (1)')
  await slot.send(all)
  await slot.send(count)
  await bare('alter table growing add column b int')
  await expect(slot.send(count)).rejects.toMatchObject({ code: '0A000' })
  expect(slot.isPrepared(count)).toBe(false)
  expect(slot.isPrepared(all)).toBe(true)
  expect(await slot.send(count)).toMatchObject({ rows: [{ tried: 2, a: 1, b: null }] })
  slot.destroy()
})
