import { type TaskwireError, taskwireError } from './errors.ts'
import { checkStream, errorOfReply, isErrorReply, unreadableResponse } from './http.ts'
import { backoffMs, pause, within } from './waiting.ts'

/** How a stream connects, reads and reconnects. */
export interface StreamInit {
  /** The path of the subscription, such as `changes.subscribe`. */
  path: string
  connect(url: string, lastEventId: string, signal: AbortSignal): Promise<Response>
  /** Whether each connection may have another token, so that a stream can go on when its token expires. */
  renewsToken: boolean
  /** Milliseconds to wait for a connection. */
  connectMs: number
  /** Milliseconds without data after which a connection is replaced. */
  silentMs: number
  /** Milliseconds before the first reconnection, doubled for each further one. */
  delayMs: number
  /** Returns undefined, or a promise that resolves when the reader can take more. Until then, nothing more is read. */
  ready?: (() => Promise<void> | undefined) | undefined
}

/** What a listener receives: an event's data and id, or an error. */
type StreamEvent = { data: string; lastEventId?: string } | TaskwireError
type Listener = (event: StreamEvent) => void

const MAX_DELAY_MS = 30_000

/**
 * An EventSource for tRPC's link, based on fetch. Unlike a browser's EventSource, it sends headers, distinguishes
 * errors of the service from lost connections, reconnects with jittered back-off, replaces silent connections, and
 * reads no faster than its reader.
 */
export class EventStream {
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSED = 2
  readyState = 0
  #listeners = new Map<string, Listener>()
  #closing = new AbortController()
  #lastEventId = ''
  /** Whether this connection has delivered an event. */
  #hasDelivered = false

  constructor(url: string, init: StreamInit) {
    // Deferred, so that a stream sends nothing if it is closed at once.
    queueMicrotask(() => void this.#run(url, init))
  }

  // The link adds one listener of each type.
  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener)
  }

  removeEventListener(type: string): void {
    this.#listeners.delete(type)
  }

  close(): void {
    this.readyState = this.CLOSED
    this.#closing.abort()
  }

  #emit(type: string, event: StreamEvent): void {
    if (!this.#closing.signal.aborted) this.#listeners.get(type)?.(event)
  }

  async #run(url: string, init: StreamInit): Promise<void> {
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted; failures++) {
      const previousId = this.#lastEventId
      const failure = await this.#connect(url, init).catch(taskwireError)
      // Only an event resets the back-off: a service may accept connections and then end each of them.
      if (this.#lastEventId !== previousId) failures = 0
      const { retryAfterMs = 0 } = failure
      // The service ends a stream with its token. If the next token is refused too, that connection delivers nothing.
      const tokenEnded = init.renewsToken && this.#hasDelivered && failure.appCode === 'UNAUTHENTICATED'
      const reconnects = failure.retryable || tokenEnded
      this.readyState = reconnects ? this.CONNECTING : this.CLOSED
      this.#emit('error', failure)
      if (!reconnects) return
      const delay = backoffMs(failures, { first: init.delayMs, most: MAX_DELAY_MS })
      // If the stream is closed during the pause, the loop ends.
      await pause(signal, retryAfterMs + delay).catch(() => {})
    }
  }

  /** Reads one connection until it fails. */
  async #connect(url: string, init: StreamInit): Promise<never> {
    this.#hasDelivered = false
    const connection = new AbortController()
    const { signal } = connection
    const abort = (): void => connection.abort()
    this.#closing.signal.addEventListener('abort', abort)
    let reader: ReadableStreamDefaultReader<string> | undefined
    try {
      const response = await within(init.connectMs, signal, async () => {
        const candidate = await init.connect(url, this.#lastEventId, signal)
        // A fetch that ignores signals may return a response after the time-out.
        if (signal.aborted) await candidate.body?.cancel()
        return await checkStream(candidate, init.path)
      })
      reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
      const parse = this.#createParser(init.path, response)
      for (;;) {
        await init.ready?.()
        const chunk = await within(init.silentMs, signal, async () => await reader?.read())
        if (chunk?.value === undefined) throw new Error('The connection was closed')
        parse(chunk.value)
      }
    } finally {
      connection.abort()
      this.#closing.signal.removeEventListener('abort', abort)
      reader?.cancel().catch(() => {})
    }
  }

  /** Returns a function that takes the text of the stream in pieces, and dispatches each event once it is complete. */
  #createParser(path: string, response: Response): (text: string) => void {
    let rest = ''
    let event: Record<string, string> = {}
    return (text) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [, name = '', value = ''] = /^(\w*):? ?([^\r]*)/.exec(line) ?? []
        if (name !== '') {
          event[name] = value
        } else if (line.trim() === '') {
          const { event: type = 'message', data, id = this.#lastEventId } = event
          event = {}
          // Set only for a complete event, so that an event that was cut off is sent again.
          this.#lastEventId = id
          if (data === undefined) continue
          if (type === 'serialized-error') throw errorOfEvent(data, path, response)
          this.#dispatch(type, data)
        }
      }
    }
  }

  #dispatch(type: string, data: string): void {
    if (type === 'connected') {
      this.readyState = this.OPEN
      // Drops the service's interval: otherwise tRPC would detect silence too, and not `silentMs` alone.
      this.#emit(type, { data: '{}' })
    } else if (type === 'message') {
      this.#hasDelivered = true
      this.#emit(type, { data, lastEventId: this.#lastEventId })
    }
  }
}

function errorOfEvent(data: string, path: string, response: Response): TaskwireError {
  const body = { error: JSON.parse(data) as unknown }
  return isErrorReply(body) ? errorOfReply(body, path, response) : unreadableResponse(response)
}
