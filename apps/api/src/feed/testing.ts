import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

/** One event as it is on the wire. */
export interface WireEvent {
  event: string
  id: string | undefined
  data: unknown
}

/** A stream as it is on the wire. */
export interface RawStream extends Disposable {
  status: number
  headers: IncomingHttpHeaders
  /** All that came so far. */
  text(): string
  /** The next event that has this name; rejects when the stream ends before. */
  next(event?: string): Promise<WireEvent>
  /** Resolves when the other side has ended it, with whether that was in order. */
  ended: Promise<'ended' | 'cut'>
  /** Takes nothing more from the connection. */
  pause(): void
  resume(): void
}

/** Opens a stream with nothing between it and the wire. */
export async function openRaw(
  url: string,
  headers: Record<string, string>,
  input?: unknown,
  path = 'changes.subscribe',
): Promise<RawStream> {
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
  const { promise, resolve, reject } = Promise.withResolvers<RawStream>()
  const sent = request(`${url}/trpc/${path}${query}`, { headers, agent: false }, (response) => {
    let text = ''
    let read = 0
    let over: 'ended' | 'cut' | undefined
    const ended = Promise.withResolvers<'ended' | 'cut'>()
    let heard = (): void => {}
    const end = (how: 'ended' | 'cut'): void => {
      over ??= how
      ended.resolve(over)
      heard()
    }
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      heard()
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
      async next(wanted) {
        for (;;) {
          for (let stop = text.indexOf('\n\n', read); stop >= 0; stop = text.indexOf('\n\n', read)) {
            const event = parse(text.slice(read, stop))
            read = stop + 2
            if (event !== undefined && (wanted === undefined || event.event === wanted)) return event
          }
          if (over !== undefined) throw new Error(`The stream ${over}: ${text.slice(-500)}`)
          await new Promise<void>((again) => (heard = again))
        }
      },
      [Symbol.dispose]: () => void sent.destroy(),
    })
  })
  sent.on('error', reject).end()
  return await promise
}

function parse(block: string): WireEvent | undefined {
  const fields = new Map(
    block
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
  )
  const data = fields.get('data')
  if (data === undefined) return undefined
  return { event: fields.get('event') ?? 'message', id: fields.get('id'), data: data === '' ? '' : JSON.parse(data) }
}
