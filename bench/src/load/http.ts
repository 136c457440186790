import { connect, type Socket } from 'node:net'

/** An HTTP request. */
export interface Call {
  method: 'GET' | 'POST' | 'PATCH'
  path: string
  headers: string
  body?: string
}

export interface HttpResponse {
  status: number
  bytes: number
  /** Kept if `keepBody` is set or the status is an error. */
  body: Buffer | undefined
}

/** A kept-alive connection with one call in flight at a time. */
export interface HttpConnection {
  send(call: Call, done: (response: HttpResponse) => void): void
  close(): void
}

// The headers that Node's fetch sends.
const COMMON =
  'host: 127.0.0.1\r\nconnection: keep-alive\r\naccept: */*\r\naccept-language: *\r\nsec-fetch-mode: cors\r\nuser-agent: node\r\naccept-encoding: gzip, deflate\r\n'

export function serialise({ method, path, headers, body }: Call): string {
  const head = `${method} ${path} HTTP/1.1\r\n${COMMON}${headers}`
  return body === undefined
    ? `${head}\r\n`
    : `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * HTTP/1.1 over a plain socket, at half the CPU time of undici, so that the generator is not the
 * bottleneck. Anything unexpected is a failure and ends the measurement.
 */
export function openConnection(port: number, keepBody: boolean, onFailure: (reason: string) => void): HttpConnection {
  const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true })
  let waiting: ((response: HttpResponse) => void) | undefined
  let head: Buffer | undefined
  let status = 0
  /** Bytes of the body or chunk still expected; -1 before the size of a chunk. */
  let left = 0
  let isChunked = false
  let isLastChunk = false
  let bytes = 0
  let parts: Buffer[] = []

  function reset(): void {
    head = undefined
    isChunked = false
    isLastChunk = false
    bytes = 0
    left = 0
    parts = []
  }

  function finish(): void {
    const done = waiting
    waiting = undefined
    const response = { status, bytes, body: parts.length > 0 ? Buffer.concat(parts) : undefined }
    reset()
    done?.(response)
  }

  function keep(part: Buffer): void {
    bytes += part.length
    // The body of an error has its reason.
    if (keepBody || status >= 400) parts.push(part)
  }

  /** Returns the offset of the body, or -1 while the head is incomplete. */
  function readHead(data: Buffer): number {
    const end = data.indexOf(HEAD_END)
    if (end < 0) return -1
    const text = data.toString('latin1', 0, end)
    status = Number(text.slice(9, 12))
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)
    isChunked = length === null
    if (isChunked && !/\r\ntransfer-encoding: *chunked/i.test(text)) onFailure(`a response without a length: ${text}`)
    left = isChunked ? -1 : Number(length?.[1])
    return end + 4
  }

  /** Returns true when the last chunk is complete. */
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
        isLastChunk = left === 2
        at = end + 2
      } else {
        const part = data.subarray(at, at + left)
        at += part.length
        // Without the line break after the chunk.
        const content = Math.max(0, Math.min(part.length, left - 2))
        if (content > 0) keep(part.subarray(0, content))
        left -= part.length
        if (left === 0) {
          if (isLastChunk) return true
          left = -1
        }
      }
    }
    return false
  }

  function readPlain(data: Buffer): boolean {
    keep(data)
    left -= data.length
    if (left < 0) onFailure('the response is longer than its content-length')
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
    if (isChunked ? !readChunks(data) : !readPlain(data)) return
    inBody = false
    finish()
  })
  socket.on('error', (error) => onFailure(error.message))
  socket.on('close', () => waiting !== undefined && onFailure('the server closed the connection'))

  return {
    send(call, done) {
      waiting = done
      socket.write(serialise(call))
    },
    close() {
      waiting = undefined
      socket.destroy()
    },
  }
}
