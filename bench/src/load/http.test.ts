import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { type Answer, openConnection } from './http.ts'

/** Answers each request with the pieces, one packet after the other. */
async function answersWith(...pieces: string[]): Promise<AsyncDisposable & { port: number }> {
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

async function askTwice(port: number): Promise<{ status: number; text: string | undefined }[]> {
  const answers: { status: number; text: string | undefined }[] = []
  const { promise, reject, resolve } = Promise.withResolvers<void>()
  const connection = openConnection(port, true, (why) => reject(new Error(why)))
  const call = { method: 'GET', path: '/', headers: '' } as const
  const keep = ({ status, body }: Answer): void => void answers.push({ status, text: body?.toString() })
  connection.send(call, (first) => {
    keep(first)
    connection.send(call, (second) => {
      keep(second)
      resolve()
    })
  })
  await promise.finally(() => connection.close())
  return answers
}

it.each([
  ['at once', ['HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello']],
  ['in pieces', ['HTTP/1.1 2', '00 OK\r\nContent-Length: 5\r\n', '\r\nhe', 'llo']],
  ['in chunks', ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n']],
  [
    'in chunks that are cut anywhere',
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
])('reads an answer that comes %s, and the next on the same connection', async (_how, pieces) => {
  await using server = await answersWith(...pieces)
  const answer = { status: 200, text: 'hello' }
  expect(await askTwice(server.port)).toEqual([answer, answer])
})

it.each([
  ['of more than its length', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhello', /more came/],
  ['of no length', 'HTTP/1.1 200 OK\r\n\r\nhello', /without a length/],
])('takes an answer %s for a failure', async (_how, text, why) => {
  await using server = await answersWith(text)
  await expect(askTwice(server.port)).rejects.toThrow(why)
})
