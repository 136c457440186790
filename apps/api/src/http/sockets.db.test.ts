import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { metric, startTestService, until } from '../testing/service.ts'

const MOST = 20
const HALF = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\nx-'
const NEXT = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n'
const WHOLE = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'

interface Held {
  socket: Socket
  /** Undefined while it is open. */
  end: string | undefined
  ended: Promise<void>
}

/** So many connections from an address of this machine, each with this much of a request sent. */
function hold(url: string, count: number, localAddress: string, text: string): Held[] {
  return Array.from({ length: count }, () => {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress })
    const held: Held = {
      socket,
      end: undefined,
      ended: new Promise((resolve) => socket.once('close', () => resolve())),
    }
    let said = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    socket.on('error', (error) => (said += error.message)).on('close', () => (held.end = said))
    socket.write(text)
    return held
  })
}
const answered = async ([held]: Held[]): Promise<string | undefined> => {
  await held?.ended
  return held?.end
}

test('one address cannot take the connections of the others', async () => {
  await using service = await startTestService({ env: { SOCKETS_PER_ADDRESS: String(MOST) } })
  const { url } = service
  const held = hold(url, MOST + 10, '127.0.0.1', HALF)
  await until(async () => held.filter(({ end }) => end !== undefined).length === 10)
  expect(held.map(({ end }) => end).filter((end) => end !== undefined && /HTTP|200/.test(end))).toEqual([])

  expect(await answered(hold(url, 1, '127.0.0.1', WHOLE))).not.toContain('200 OK')
  expect(await answered(hold(url, 1, '127.0.0.2', WHOLE))).toContain('200 OK')
  // What is let go is free again.
  for (const { socket } of held) socket.destroy()
  await until(async () => (await answered(hold(url, 1, '127.0.0.1', WHOLE)))?.includes('200 OK') === true)
  expect(await metric(url, 'taskwire_refused_total{reason="connections"}')).toBeGreaterThan(10)
})

test('behind a balancer that is believed, all connections are its own', async () => {
  await using service = await startTestService({
    env: { SOCKETS_PER_ADDRESS: String(MOST), TRUST_PROXY: 'true' },
  })
  const held = hold(service.url, MOST + 10, '127.0.0.1', HALF)
  expect(await answered(hold(service.url, 1, '127.0.0.1', WHOLE))).toContain('200 OK')
  expect(held.filter(({ end }) => end !== undefined)).toEqual([])
  for (const { socket } of held) socket.destroy()
})

test('requests sent without waiting for answers are answered in order, and many at once are hung up on', async () => {
  await using service = await startTestService()
  const few = hold(service.url, 1, '127.0.0.1', NEXT.repeat(9) + WHOLE)
  expect((await answered(few))?.match(/ 200 OK/g)).toHaveLength(10)
  // As many as come at once in one piece: none of those beyond the tenth is answered.
  const many = hold(service.url, 1, '127.0.0.1', NEXT.repeat(500))
  expect((await answered(many))?.match(/ 200 OK/g)?.length ?? 0).toBeLessThan(11)
  // One after another there may be any number.
  const socket = connect({ port: Number(new URL(service.url).port), host: '127.0.0.1' })
  for (let nr = 0; nr < 50; nr++) {
    socket.write(NEXT)
    const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string]
    expect(answer).toContain(' 200 OK')
  }
  socket.destroy()
})

test('a head that does not come to its end is waited for some seconds', async () => {
  await using service = await startTestService()
  const [held] = hold(service.url, 1, '127.0.0.1', HALF)
  await held?.ended
  expect(held?.end).toMatch(/^HTTP\/1\.1 400 /)
}, 30_000)
