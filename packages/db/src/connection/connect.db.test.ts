import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { connectOnce, createClient } from './connect.ts'
import { createTestDatabase } from '../testing/index.ts'
import { startProxy } from '../testing/proxy.ts'

test('the connection is closed at the end of its scope', async () => {
  await using server = await createTestDatabase()
  await using proxy = await startProxy(server.app)
  {
    const address = { ...server.app, port: proxy.port }
    await using connection = await connectOnce({ address, applicationName: 'connect.db.test' })
    const [row] = await connection.sql`select current_setting('application_name') as name`
    expect(row).toEqual({ name: 'connect.db.test' })
    expect(proxy.connections).toHaveLength(1)
  }
  // PostgreSQL ends its process a moment after the client has closed.
  await vi.waitUntil(() => proxy.connections.length === 0, { timeout: 20_000, interval: 5 })
  await using admin = await connectOnce({ address: server.admin, applicationName: 'admin' })
  expect(await admin.sql`select from pg_stat_activity where application_name = 'connect.db.test'`).toEqual([])
})

test('connecting with a wrong password or to a missing database rejects', async () => {
  await using server = await createTestDatabase()
  const wrong = { ...server.app, password: 'wrong' }
  await expect(connectOnce({ address: wrong, applicationName: 'test' })).rejects.toMatchObject({ code: '28P01' })
  const missing = { ...server.app, database: 'no_such_database' }
  await expect(connectOnce({ address: missing, applicationName: 'test' })).rejects.toMatchObject({ code: '3D000' })
})

test('through a pooler no statement is prepared', async () => {
  await using server = await createTestDatabase()
  for (const pooled of [true, false]) {
    const sql = createClient({ address: { ...server.app, pooled }, applicationName: 'test' })
    await sql`select ${'a'} as a`
    const [row] = await sql`select count(*)::int as prepared from pg_prepared_statements where statement like '%as a'`
    expect(row?.['prepared']).toBe(pooled ? 0 : 1)
    await sql.end()
  }
})

test.each([
  ['hangs up at once', (socket: Socket) => void socket.end()],
  [
    'answers like another program',
    (socket: Socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  ],
])('if the peer accepts and then %s, connecting rejects after one try', async (_what, answer) => {
  await using server = await createTestDatabase()
  let connections = 0
  const listening = createServer((socket) => {
    connections++
    socket.on('error', () => {})
    answer(socket)
  })
  await once(listening.listen(0, '127.0.0.1'), 'listening')
  const bound = listening.address()
  if (bound === null || typeof bound === 'string') throw new Error('The server has no port')
  for (const tls of ['off', 'require'] as const) {
    connections = 0
    const address = { ...server.app, host: '127.0.0.1', port: bound.port, tls }
    await expect(connectOnce({ address, applicationName: 'test' })).rejects.toMatchObject({
      code: expect.stringMatching(/^E?CONN/),
    })
    expect(connections).toBe(1)
  }
  listening.close()
})
