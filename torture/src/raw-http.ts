import { connect } from 'node:net'

/** One answer as it came. */
export interface RawAnswer {
  status: number
  head: string
  body: string
}

/** Sends bytes as they are, and gives what came back until the server hung up, fell silent or had answered so many. */
export async function sendRaw(
  port: number,
  bytes: string | Buffer,
  { answers = 1, silenceMs = 1500, hangUp = false }: { answers?: number; silenceMs?: number; hangUp?: boolean } = {},
): Promise<RawAnswer[]> {
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
    if (parseAnswers(received).length >= answers) done()
  })
  // Half of a request, whose sender is gone.
  socket.write(bytes, () => hangUp && done())
  return parseAnswers(await promise, true)
}

/** The answers that are whole; one without a length is whole when the server has hung up. */
function parseAnswers(bytes: Buffer, ended = false): RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let rest = bytes; rest.length > 0;) {
    const end = rest.indexOf('\r\n\r\n')
    const head = rest.toString('latin1', 0, end < 0 ? rest.length : end)
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? Number.NaN)
    if (end < 0) {
      if (Number.isNaN(status) && ended) answers.push({ status, head, body: '' })
      return answers
    }
    const body = bodyOf(head, status, rest.subarray(end + 4), ended)
    if (body === undefined) return answers
    answers.push({ status, head, body: body.text })
    rest = rest.subarray(end + 4 + body.length)
  }
  return answers
}

/** The text of a body, and how many bytes it took; undefined where it is not there yet. */
function bodyOf(
  head: string,
  status: number,
  rest: Buffer,
  ended: boolean,
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
  if (length === undefined) return ended ? { text: rest.toString('utf8'), length: rest.length } : undefined
  return rest.length < Number(length)
    ? undefined
    : { text: rest.toString('utf8', 0, Number(length)), length: Number(length) }
}
