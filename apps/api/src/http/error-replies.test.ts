import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { refuseUnreadable } from './error-replies.ts'

/** Sends this text; returns everything that is received until the server closes the connection. */
async function responseTo(sent: string): Promise<string> {
  const server = createServer({ connectionsCheckingInterval: 5 })
  server.on('clientError', refuseUnreadable).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  let response = ''
  socket.on('data', (text: string) => (response += text))
  socket.write(sent)
  const [received] = (await once(server, 'connection')) as [Socket]
  // The timeout starts after everything that was sent has arrived.
  while (received.bytesRead < sent.length) await turn()
  server.headersTimeout = 20
  await once(socket, 'close')
  server.close()
  return response
}

test('an incomplete request is refused once it times out', async () => {
  expect(await responseTo('POST /trpc/tasks.create HTTP/1.1\r\nhost: x\r\n')).toMatch(
    /^HTTP\/1\.1 400 Bad Request\r\n[^]*"appCode":"VALIDATION"/,
  )
})

test('a connection without a single byte is closed without a response', async () => {
  // A client that is just sending a request would take a response for its own.
  expect(await responseTo('')).toBe('')
})
