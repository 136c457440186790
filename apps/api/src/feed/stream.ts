import type { Caller } from '@taskwire/db'
import type { AppError } from '../errors.ts'

/** One open stream: how far it has been told, and what it waits for. It holds no Change. */
export interface Stream {
  readonly caller: Caller
  readonly userId: string
  readonly spaceId: string
  /** Everything up to this revision has been handed to the connection. */
  revision: number
  readonly sent: number
  /** Milliseconds for which the connection has not taken what was handed to it; 0 while it waits for more. */
  readonly stuckMs: number
  /** To be called before each item: throws what has ended the stream. */
  sending(): void
  /** To be called after each, when the next is asked for. */
  taken(): void
  /** There may be more in the log. */
  wake(): void
  /** Waits until it is woken, at most so long; true if it was, and throws what has ended the stream. */
  woken(withinMs: number): Promise<boolean>
  /** Waits so long, and throws what has ended the stream meanwhile. */
  pause(ms: number): Promise<void>
  /** Lets the reader know why, and hangs up where that is not taken. */
  end(reason: AppError): void
  readonly ended: AppError | undefined
  hangUp(): void
}

export interface StreamOptions {
  caller: Caller
  userId: string
  spaceId: string
  revision: number
  /** Aborted when the reader is gone. */
  signal: AbortSignal
  hangUp(): void
}

/** For a last word to a reader who is to be hung up on. */
const LAST_WORD_MS = 1000

export function createStream({ caller, userId, spaceId, revision, signal, hangUp }: StreamOptions): Stream {
  // What was committed between the first look into the log and now woke nobody.
  let woken = true
  let ended: AppError | undefined
  let sent = 0
  let sendingSince = 0
  let rouse = (): void => {}

  /** Until something happens, or so long. */
  async function rest(ms: number): Promise<void> {
    if (ended === undefined && !signal.aborted)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        rouse = () => {
          clearTimeout(timer)
          resolve()
        }
        signal.addEventListener('abort', rouse, { once: true })
      })
    signal.removeEventListener('abort', rouse)
    rouse = () => {}
    if (ended !== undefined) throw ended
  }

  return {
    caller,
    userId,
    spaceId,
    revision,
    get sent() {
      return sent
    },
    get stuckMs() {
      return sendingSince === 0 ? 0 : performance.now() - sendingSince
    },
    sending() {
      if (ended !== undefined) throw ended
      sendingSince = performance.now()
    },
    taken() {
      sendingSince = 0
      sent++
    },
    wake() {
      woken = true
      rouse()
    },
    async woken(withinMs) {
      if (ended !== undefined) throw ended
      if (!woken) await rest(withinMs)
      const was = woken
      woken = false
      return was
    },
    async pause(ms) {
      const until = performance.now() + ms
      for (let left = ms; left > 0 && !signal.aborted; left = until - performance.now()) await rest(left)
    },
    end(reason) {
      ended ??= reason
      rouse()
      const late = setTimeout(hangUp, LAST_WORD_MS)
      signal.addEventListener('abort', () => clearTimeout(late), { once: true })
    },
    get ended() {
      return ended
    },
    hangUp,
  }
}
