import { connect, type Socket } from 'node:net'

/** One request as it goes on the wire. */
export interface Call {
  method: 'GET' | 'POST' | 'PATCH'
  path: string
  headers: string
  body?: string
}

export interface Answer {
  status: number
  bytes: number
  /** Kept where it was asked for, and where the status is a refusal. */
  body: Buffer | undefined
}

/** A kept-alive connection that has one call under way at a time. */
export interface HttpConnection {
  send(call: Call, done: (answer: Answer) => void): void
  close(): void
}

// As Node's own fetch sends them.
const COMMON =
  'host: 127.0.0.1\r\nconnection: keep-alive\r\naccept: */*\r\naccept-language: *\r\nsec-fetch-mode: cors\r\nuser-agent: node\r\naccept-encoding: gzip, deflate\r\n'

export function written({ method, path, headers, body }: Call): string {
  const head = `${method} ${path} HTTP/1.1\r\n${COMMON}${headers}`
  return body === undefined
    ? `${head}\r\n`
    : `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * HTTP/1.1 over a socket of its own: half of what undici takes for a call, so that the generator is
 * not what is measured. Anything unexpected is a failure, and ends the measurement.
 */
export function openConnection(port: number, keepBody: boolean, onFailure: (why: string) => void): HttpConnection {
  const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true })
  let waiting: ((answer: Answer) => void) | undefined
  let head: Buffer | undefined
  let status = 0
  /** Bytes of the body, or of the chunk, that are still to come; -1 before a chunk's size. */
  let left = 0
  let chunked = false
  let last = false
  let bytes = 0
  let parts: Buffer[] = []

  function reset(): void {
    head = undefined
    chunked = false
    last = false
    bytes = 0
    left = 0
    parts = []
  }

  function finish(): void {
    const done = waiting
    waiting = undefined
    const answer = { status, bytes, body: parts.length > 0 ? Buffer.concat(parts) : undefined }
    reset()
    done?.(answer)
  }

  function keep(part: Buffer): void {
    bytes += part.length
    // What was refused says why.
    if (keepBody || status >= 400) parts.push(part)
  }

  /** Gives where the body begins, or -1 as long as the head is not whole. */
  function readHead(data: Buffer): number {
    const end = data.indexOf(HEAD_END)
    if (end < 0) return -1
    const text = data.toString('latin1', 0, end)
    status = Number(text.slice(9, 12))
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)
    chunked = length === null
    if (chunked && !/\r\ntransfer-encoding: *chunked/i.test(text)) onFailure(`an answer without a length: ${text}`)
    left = chunked ? -1 : Number(length?.[1])
    return end + 4
  }

  /** True when the last chunk is whole. */
  function readChunks(data: Buffer): boolean {
    let at = 0
    while (at < data.length) {
      if (left === -1) {
        const end = data.indexOf('\r\n', at)
        if (end < 0) {
          head = data.subarray(at)
          return false
        }
        left = Number.parseInt(data.toString('latin1', at, end), 16) + 2
        last = left === 2
        at = end + 2
      } else {
        const part = data.subarray(at, at + left)
        at += part.length
        // The line break behind a chunk is no part of it.
        const content = Math.max(0, Math.min(part.length, left - 2))
        if (content > 0) keep(part.subarray(0, content))
        left -= part.length
        if (left === 0) {
          if (last) return true
          left = -1
        }
      }
    }
    return false
  }

  function readPlain(data: Buffer): boolean {
    keep(data)
    left -= data.length
    if (left < 0) onFailure('more came than the length of the answer')
    return left <= 0
  }

  let inBody = false
  socket.on('data', (received: Buffer) => {
    let data = head === undefined ? received : Buffer.concat([head, received])
    head = undefined
    if (!inBody) {
      const begin = readHead(data)
      if (begin < 0) {
        head = data
        return
      }
      inBody = true
      data = data.subarray(begin)
    }
    if (chunked ? !readChunks(data) : !readPlain(data)) return
    inBody = false
    finish()
  })
  socket.on('error', (error) => onFailure(error.message))
  socket.on('close', () => waiting !== undefined && onFailure('the server closed the connection'))

  return {
    send(call, done) {
      waiting = done
      socket.write(written(call))
    },
    close() {
      waiting = undefined
      socket.destroy()
    },
  }
}
