import { connect } from 'node:net'

/** A response as received. */
export interface RawResponse {
  status: number
  head: string
  body: string
}

/** Sends raw bytes. Returns the responses received until there are enough, the server closes, or `silenceMs` pass. */
export async function sendRaw(
  port: number,
  bytes: string | Buffer,
  {
    responses = 1,
    silenceMs = 1500,
    hangUp = false,
  }: { responses?: number; silenceMs?: number; hangUp?: boolean } = {},
): Promise<RawResponse[]> {
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  let received: Buffer = Buffer.alloc(0)
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const done = (): void => {
    socket.destroy()
    resolve(received)
  }
  socket.setTimeout(silenceMs, done)
  socket.on('error', done).on('close', done)
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    if (parseResponses(received).length >= responses) done()
  })
  socket.write(bytes, () => hangUp && done())
  return parseResponses(await promise, true)
}

/** Returns the complete responses. One without a length is complete when the server has closed the connection. */
function parseResponses(bytes: Buffer, isClosed = false): RawResponse[] {
  const responses: RawResponse[] = []
  for (let rest = bytes; rest.length > 0;) {
    const end = rest.indexOf('\r\n\r\n')
    const head = rest.toString('latin1', 0, end < 0 ? rest.length : end)
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? Number.NaN)
    if (end < 0) {
      if (Number.isNaN(status) && isClosed) responses.push({ status, head, body: '' })
      return responses
    }
    const body = bodyOf(head, status, rest.subarray(end + 4), isClosed)
    if (body === undefined) return responses
    responses.push({ status, head, body: body.text })
    rest = rest.subarray(end + 4 + body.length)
  }
  return responses
}

/** Returns the text of a body and its length in bytes; undefined while it is incomplete. */
function bodyOf(
  head: string,
  status: number,
  rest: Buffer,
  isClosed: boolean,
): { text: string; length: number } | undefined {
  if (status < 200 || status === 204 || status === 304) return { text: '', length: 0 }
  if (/^transfer-encoding: *chunked/im.test(head)) {
    const parts: Buffer[] = []
    for (let at = 0; ;) {
      const line = rest.indexOf('\r\n', at)
      if (line < 0) return undefined
      const size = Number.parseInt(rest.toString('latin1', at, line), 16)
      if (size === 0) return { text: Buffer.concat(parts).toString('utf8'), length: line + 4 }
      parts.push(rest.subarray(line + 2, line + 2 + size))
      at = line + 2 + size + 2
      if (Number.isNaN(size) || at > rest.length) return undefined
    }
  }
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  if (length === undefined) return isClosed ? { text: rest.toString('utf8'), length: rest.length } : undefined
  return rest.length < Number(length)
    ? undefined
    : { text: rest.toString('utf8', 0, Number(length)), length: Number(length) }
}
