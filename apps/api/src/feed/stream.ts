import type { Caller } from '@taskwire/db'
import type { AppError } from '../errors.ts'

/** One open stream: the revision up to which Changes were sent, and whether it is woken. It buffers no Changes. */
export interface Stream {
  readonly caller: Caller
  readonly userId: string
  readonly spaceId: string
  /** When the caller's JWT expires, in milliseconds since 1970; Infinity for other credentials. */
  readonly expiresAt: number
  /** Every Change up to this revision has been passed to the connection. */
  revision: number
  /** The number of items sent. */
  readonly sent: number
  /** For how many milliseconds the connection has not taken the last item; 0 while it waits for the next item. */
  readonly stuckMs: number
  /** To be called before each item. Throws the reason if the stream has ended. */
  beforeSend(): void
  /** To be called after each item, when the connection asks for the next. */
  afterSend(): void
  /** Wakes the stream, since the log may have new Changes. */
  wake(): void
  /** Waits until the stream is woken, at most this long; returns whether it was woken. Throws the reason if it ends. */
  waitForWake(withinMs: number): Promise<boolean>
  /** Waits this long, even if the stream is woken. Throws the reason if it ends. */
  pause(ms: number): Promise<void>
  /** Sends the reason to the reader, and closes the connection if the reader does not take it. */
  end(reason: AppError): void
  readonly ended: AppError | undefined
  hangUp(): void
}

export interface StreamOptions {
  caller: Caller
  userId: string
  spaceId: string
  revision: number
  /** Aborts when the reader hangs up. */
  signal: AbortSignal
  hangUp(): void
}

/** How long a reader has to take the reason before the connection is closed. */
const CLOSE_MS = 1000

// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of one stream
export function createStream({ caller, userId, spaceId, revision, signal, hangUp }: StreamOptions): Stream {
  // True at first: commits since the first read of the log have not woken this stream.
  let isWoken = true
  let ended: AppError | undefined
  let sent = 0
  let sendingSince = 0
  let resume = (): void => {}

  /** Waits until the stream is woken, ends or is aborted, at most this long. */
  async function sleep(ms: number): Promise<void> {
    if (ended === undefined && !signal.aborted)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        resume = () => {
          clearTimeout(timer)
          resolve()
        }
        signal.addEventListener('abort', resume, { once: true })
      })
    signal.removeEventListener('abort', resume)
    resume = () => {}
    if (ended !== undefined) throw ended
  }

  return {
    caller,
    userId,
    spaceId,
    expiresAt: caller.vouched?.expiresAt ?? Infinity,
    revision,
    get sent() {
      return sent
    },
    get stuckMs() {
      return sendingSince === 0 ? 0 : performance.now() - sendingSince
    },
    beforeSend() {
      if (ended !== undefined) throw ended
      sendingSince = performance.now()
    },
    afterSend() {
      sendingSince = 0
      sent++
    },
    wake() {
      isWoken = true
      resume()
    },
    async waitForWake(withinMs) {
      if (ended !== undefined) throw ended
      if (!isWoken) await sleep(withinMs)
      const wasWoken = isWoken
      isWoken = false
      return wasWoken
    },
    async pause(ms) {
      const until = performance.now() + ms
      for (let left = ms; left > 0 && !signal.aborted; left = until - performance.now()) await sleep(left)
    },
    end(reason) {
      ended ??= reason
      resume()
      const timer = setTimeout(hangUp, CLOSE_MS)
      signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
    },
    get ended() {
      return ended
    },
    hangUp,
  }
}
