import { deepStrictEqual } from 'node:assert'
import { type IncomingHttpHeaders, request } from 'node:http'
import { feedItem } from '@taskwire/contract'

/** One server-sent event. */
export interface WireEvent {
  event: string
  id: string | undefined
  data: unknown
}

/** A stream as the service sends it. */
export interface RawStream extends Disposable {
  status: number
  headers: IncomingHttpHeaders
  /** Everything received so far. */
  text(): string
  /** Returns the next event with this name. Rejects if the stream ends before. */
  next(event?: string): Promise<WireEvent>
  /** Resolves when the stream is over: ended by the service, or cut off. */
  ended: Promise<'ended' | 'cut'>
  /** Stops reading from the connection. */
  pause(): void
  resume(): void
}

/** Opens a stream by a plain HTTP request, without the client. */
export async function openRawStream(
  url: string,
  headers: Record<string, string>,
  input?: unknown,
  path = 'changes.subscribe',
): Promise<RawStream> {
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
  const { promise, resolve, reject } = Promise.withResolvers<RawStream>()
  const stream = request(`${url}/trpc/${path}${query}`, { headers, agent: false }, (response) => {
    let text = ''
    let parsedTo = 0
    let over: 'ended' | 'cut' | undefined
    const ended = Promise.withResolvers<'ended' | 'cut'>()
    let onProgress = (): void => {}
    const end = (how: 'ended' | 'cut'): void => {
      over ??= how
      ended.resolve(over)
      onProgress()
    }
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      onProgress()
    })
    response.on('end', () => end('ended'))
    response.on('error', () => end('cut'))
    response.on('close', () => end('cut'))
    resolve({
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: () => text,
      ended: ended.promise,
      pause: () => void response.pause(),
      resume: () => void response.resume(),
      async next(name) {
        for (;;) {
          for (let end = text.indexOf('\n\n', parsedTo); end >= 0; end = text.indexOf('\n\n', parsedTo)) {
            const event = parseEvent(text.slice(parsedTo, end))
            parsedTo = end + 2
            if (event !== undefined && (name === undefined || event.event === name)) return event
          }
          if (over !== undefined)
            throw new Error(`The stream ${over === 'cut' ? 'was cut off' : 'ended'}: ${text.slice(-500)}`)
          await new Promise<void>((resolveNext) => (onProgress = resolveNext))
        }
      },
      [Symbol.dispose]: () => void stream.destroy(),
    })
  })
  stream.on('error', reject).end()
  return await promise
}

function parseEvent(block: string): WireEvent | undefined {
  const fields = new Map(
    block
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
  )
  const data = fields.get('data')
  if (data === undefined) return undefined
  const event = fields.get('event') ?? 'message'
  const parsed: unknown = data === '' ? '' : JSON.parse(data)
  // Parsing removes unknown fields, so an equal result has none.
  if (event === 'message') deepStrictEqual(feedItem.parse(parsed), parsed)
  return { event, id: fields.get('id'), data: parsed }
}
