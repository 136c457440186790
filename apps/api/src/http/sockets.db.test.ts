import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { metric, startTestService, until } from '../testing/service.ts'

const MOST = 20
const INCOMPLETE = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\nx-'
const KEEP_ALIVE = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n'
const CLOSE = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'

interface OpenConnection {
  socket: Socket
  /** Everything that was received; undefined until the connection is closed. */
  response: string | undefined
  closed: Promise<void>
}

/** Opens connections from an address of this machine, and sends `text` on each. */
function open(url: string, count: number, localAddress: string, text: string): OpenConnection[] {
  return Array.from({ length: count }, () => {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress })
    const connection: OpenConnection = {
      socket,
      response: undefined,
      closed: new Promise((resolve) => socket.once('close', () => resolve())),
    }
    let received = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk))
    socket.on('error', (error) => (received += error.message)).on('close', () => (connection.response = received))
    socket.write(text)
    return connection
  })
}
const responseOf = async ([connection]: OpenConnection[]): Promise<string | undefined> => {
  await connection?.closed
  return connection?.response
}

test('one address cannot use up the connections', async () => {
  await using service = await startTestService({ env: { SOCKETS_PER_ADDRESS: String(MOST) } })
  const { url } = service
  const connections = open(url, MOST + 10, '127.0.0.1', INCOMPLETE)
  await until(async () => connections.filter(({ response }) => response !== undefined).length === 10)
  expect(connections.filter(({ response = '' }) => /HTTP|200/.test(response))).toEqual([])

  expect(await responseOf(open(url, 1, '127.0.0.1', CLOSE))).not.toContain('200 OK')
  expect(await responseOf(open(url, 1, '127.0.0.2', CLOSE))).toContain('200 OK')
  // Closed connections no longer count.
  for (const { socket } of connections) socket.destroy()
  await until(async () => (await responseOf(open(url, 1, '127.0.0.1', CLOSE)))?.includes('200 OK') === true)
  expect(await metric(url, 'taskwire_refused_total{reason="connections"}')).toBeGreaterThan(10)
})

test('with TRUST_PROXY connections are not limited by address', async () => {
  await using service = await startTestService({
    env: { SOCKETS_PER_ADDRESS: String(MOST), TRUST_PROXY: 'true' },
  })
  const connections = open(service.url, MOST + 10, '127.0.0.1', INCOMPLETE)
  expect(await responseOf(open(service.url, 1, '127.0.0.1', CLOSE))).toContain('200 OK')
  expect(connections.filter(({ response }) => response !== undefined)).toEqual([])
  for (const { socket } of connections) socket.destroy()
})

test('pipelined requests are answered in order, and a connection with too many is closed', async () => {
  await using service = await startTestService()
  const few = open(service.url, 1, '127.0.0.1', KEEP_ALIVE.repeat(9) + CLOSE)
  expect((await responseOf(few))?.match(/ 200 OK/g)).toHaveLength(10)
  // If all are sent at once, none after the tenth is answered.
  const many = open(service.url, 1, '127.0.0.1', KEEP_ALIVE.repeat(500))
  expect((await responseOf(many))?.match(/ 200 OK/g)?.length ?? 0).toBeLessThan(11)
  // Any number may be sent one after another.
  const socket = connect({ port: Number(new URL(service.url).port), host: '127.0.0.1' })
  for (let nr = 0; nr < 50; nr++) {
    socket.write(KEEP_ALIVE)
    const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string]
    expect(answer).toContain(' 200 OK')
  }
  socket.destroy()
})

test('incomplete headers time out with 400', async () => {
  await using service = await startTestService()
  const [connection] = open(service.url, 1, '127.0.0.1', INCOMPLETE)
  await connection?.closed
  expect(connection?.response).toMatch(/^HTTP\/1\.1 400 /)
}, 30_000)
