import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { refuseUnreadable } from './error-replies.ts'

/** All that comes back, until the other side hangs up. */
async function answerTo(sent: string): Promise<string> {
  const server = createServer({ connectionsCheckingInterval: 5 })
  server.on('clientError', refuseUnreadable).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  let answer = ''
  socket.on('data', (text: string) => (answer += text))
  socket.write(sent)
  const [received] = (await once(server, 'connection')) as [Socket]
  // Time is not up before what was sent has come.
  while (received.bytesRead < sent.length) await turn()
  server.headersTimeout = 20
  await once(socket, 'close')
  server.close()
  return answer
}

test('half a request that goes no further is refused', async () => {
  expect(await answerTo('POST /trpc/tasks.create HTTP/1.1\r\nhost: x\r\n')).toMatch(
    /^HTTP\/1\.1 400 Bad Request\r\n[^]*"appCode":"VALIDATION"/,
  )
})

test('a connection on which nothing was ever sent is closed without a word', async () => {
  // Its answer would be read as that of the request that may be on its way.
  expect(await answerTo('')).toBe('')
})
