import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { openProxy } from './proxy.ts'

/** Starts a server that sends everything it receives back twice, in separate writes. */
async function startEcho(): Promise<AsyncDisposable & { port: number }> {
  const server = createServer({ noDelay: true }, (socket) =>
    socket.on('data', (data) => socket.write(data, () => socket.write(data))),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return { port, [Symbol.asyncDispose]: async () => void server.close() }
}

async function send(socket: Socket, text: string): Promise<string> {
  let received = ''
  const { promise, resolve } = Promise.withResolvers<void>()
  const onData = (data: Buffer): void => {
    received += data.toString()
    if (received.length === 2 * text.length) resolve()
  }
  socket.on('data', onData).write(text)
  await promise
  socket.off('data', onData)
  return received
}

it.each([0, 2])('keeps the order and counts round trips, with a delay of %d ms', async (delayMs) => {
  await using server = await startEcho()
  await using proxy = await openProxy(server.port, delayMs)
  const socket = connect({ port: proxy.port, host: '127.0.0.1' })
  const began = performance.now()
  for (const text of ['one', 'two', 'three']) expect(await send(socket, text)).toBe(text + text)
  // Only a lower bound is checked: the rest depends on the machine.
  expect(performance.now() - began).toBeGreaterThanOrEqual(3 * delayMs)
  expect(proxy.trips()).toBe(3)
  socket.destroy()
})
