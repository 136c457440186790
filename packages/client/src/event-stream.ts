import { type TaskwireError, taskwireError } from './errors.ts'
import { isRefused, readStream, refusalOf, unreadable } from './http.ts'
import { pause, within } from './waiting.ts'

/** How a stream connects, reads and comes back. */
export interface StreamInit {
  /** Of the subscription. */
  path: string
  connect(url: string, lastEventId: string, signal: AbortSignal): Promise<Response>
  /** Milliseconds for connecting. */
  connectMs: number
  /** A connection on which nothing comes for as long is replaced. */
  silentMs: number
  /** Before coming back for the first time, doubled for each further one, in milliseconds. */
  delayMs: number
  /** Waits while the reader has enough: then nothing is taken from the connection. */
  ready?: (() => Promise<void> | undefined) | undefined
}

/** What is handed to a listener: an event's data and id, or an error. */
type Happening = { data: string; lastEventId?: string } | TaskwireError
type Listener = (happening: Happening) => void

const MOST_DELAY_MS = 30_000

/**
 * An EventSource for tRPC's link, on fetch: unlike a browser's own it sends headers, tells refusals from
 * faults, comes back with back-off at a time of its own, notices a connection that has gone silent, and
 * takes no more than its reader does.
 */
export class EventStream {
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSED = 2
  readyState = 0
  #listeners = new Map<string, Listener>()
  #closing = new AbortController()
  #lastEventId = ''

  constructor(url: string, init: StreamInit) {
    // What is closed at once is never asked for.
    queueMicrotask(() => void this.#run(url, init))
  }

  // The link has one of each.
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

  #tell(type: string, happening: Happening): void {
    if (!this.#closing.signal.aborted) this.#listeners.get(type)?.(happening)
  }

  async #run(url: string, init: StreamInit): Promise<void> {
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted; failures++) {
      const before = this.#lastEventId
      const failure = await this.#connect(url, init).catch(taskwireError)
      // Whoever accepts and then refuses is not asked any faster.
      if (this.#lastEventId !== before) failures = 0
      const { retryable, retryAfterMs = 0 } = failure
      this.readyState = retryable ? this.CONNECTING : this.CLOSED
      this.#tell('error', failure)
      if (!retryable) return
      const delay = Math.min(MOST_DELAY_MS, init.delayMs * 2 ** Math.min(failures, 20)) * (1 - Math.random() / 2)
      // Where it is closed meanwhile, the loop ends.
      await pause(signal, retryAfterMs + delay).catch(() => {})
    }
  }

  /** One connection, until it breaks. */
  async #connect(url: string, init: StreamInit): Promise<never> {
    const connection = new AbortController()
    const { signal } = connection
    const abort = (): void => connection.abort()
    this.#closing.signal.addEventListener('abort', abort)
    let reader: ReadableStreamDefaultReader<string> | undefined
    try {
      const response = await within(init.connectMs, signal, async () => {
        const answer = await init.connect(url, this.#lastEventId, signal)
        // It came too late, by a fetch that does not heed signals.
        if (signal.aborted) await answer.body?.cancel()
        return await readStream(answer, init.path)
      })
      reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
      const take = this.#parser(init.path, response)
      for (;;) {
        await init.ready?.()
        const chunk = await within(init.silentMs, signal, async () => await reader?.read())
        if (chunk?.value === undefined) throw new Error('The connection has ended')
        take(chunk.value)
      }
    } finally {
      connection.abort()
      this.#closing.signal.removeEventListener('abort', abort)
      reader?.cancel().catch(() => {})
    }
  }

  /** Takes text as it comes, and tells of each event that it ends. */
  #parser(path: string, response: Response): (text: string) => void {
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
          // Not before: what is cut off in the middle has to come again.
          this.#lastEventId = id
          if (data === undefined) continue
          if (type === 'serialized-error') throw refusalIn(data, path, response)
          this.#happen(type, data)
        }
      }
    }
  }

  #happen(type: string, data: string): void {
    if (type === 'connected') {
      this.readyState = this.OPEN
      // Silence is watched for here.
      this.#tell(type, { data: '{}' })
    } else if (type === 'message') this.#tell(type, { data, lastEventId: this.#lastEventId })
  }
}

function refusalIn(data: string, path: string, response: Response): TaskwireError {
  const body = { error: JSON.parse(data) as unknown }
  return isRefused(body) ? refusalOf(body, path, response) : unreadable(response)
}
