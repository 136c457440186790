import { deepStrictEqual } from 'node:assert'
import { type IncomingHttpHeaders, request } from 'node:http'
import { feedItem } from '@taskwire/contract'
import { createParser } from 'eventsource-parser'

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
    const events: WireEvent[] = []
    const parser = createParser({
      onEvent({ event = 'message', id, data }) {
        events.push({ event, id, data: data === '' ? '' : JSON.parse(data) })
      },
    })
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
      parser.feed(chunk)
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
          for (let event = events.shift(); event !== undefined; event = events.shift())
            if (name === undefined || event.event === name) return checkEvent(event)
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

/**
 * Checks an event against the contract. Parsing removes unknown fields, so an equal result shows that there are none.
 */
function checkEvent(event: WireEvent): WireEvent {
  if (event.event === 'message') deepStrictEqual(feedItem.parse(event.data), event.data)
  return event
}
