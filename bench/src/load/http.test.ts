import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { type HttpResponse, openConnection } from './http.ts'

/** Starts a server that answers each request with the pieces, in separate packets. */
async function serveResponse(...pieces: string[]): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((socket) =>
    socket.setNoDelay(true).on('data', () => {
      void (async () => {
        for (const piece of pieces) await new Promise((resolve) => socket.write(piece, () => setImmediate(resolve)))
      })()
    }),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

async function sendTwice(port: number): Promise<{ status: number; text: string | undefined }[]> {
  const responses: { status: number; text: string | undefined }[] = []
  const { promise, reject, resolve } = Promise.withResolvers<void>()
  const connection = openConnection(port, true, (reason) => reject(new Error(reason)))
  const call = { method: 'GET', path: '/', headers: '' } as const
  const keep = ({ status, body }: HttpResponse): void => void responses.push({ status, text: body?.toString() })
  connection.send(call, (first) => {
    keep(first)
    connection.send(call, (second) => {
      keep(second)
      resolve()
    })
  })
  await promise.finally(() => connection.close())
  return responses
}

it.each([
  ['at once', ['HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello']],
  ['in pieces', ['HTTP/1.1 2', '00 OK\r\nContent-Length: 5\r\n', '\r\nhe', 'llo']],
  ['in chunks', ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n']],
  [
    'in chunks split anywhere',
    [
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
      '2',
      '\r\nh',
      'e',
      '\r',
      '\n3\r\nllo\r',
      '\n0\r\n',
      '\r\n',
    ],
  ],
])('reads a response that arrives %s, and the next on the same connection', async (_how, pieces) => {
  await using server = await serveResponse(...pieces)
  const response = { status: 200, text: 'hello' }
  expect(await sendTwice(server.port)).toEqual([response, response])
})

it.each([
  ['longer than its content-length', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhello', /longer than/],
  ['without a length', 'HTTP/1.1 200 OK\r\n\r\nhello', /without a length/],
])('fails on a response %s', async (_how, text, message) => {
  await using server = await serveResponse(text)
  await expect(sendTwice(server.port)).rejects.toThrow(message)
})
