import { LIMITS } from '@taskwire/contract/limits'
import { aborted, timedOut } from './errors.ts'

export type Signal = AbortSignal | null | undefined

/** Milliseconds for one attempt: the service's own limit, plus time for its TIMEOUT reply to arrive. */
export const TIMEOUT_MS: number = LIMITS.callMs + 2000

/** The longest delay of a timer in milliseconds; with a longer delay, a timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Settles as `start` does, or rejects when the signal aborts. `start` returns a function that cleans up after it. */
export async function unlessAborted<T>(
  signal: Signal,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  let cleanUp = (): void => {}
  let abort = (): void => {}
  try {
    return await new Promise<T>((resolve, reject) => {
      abort = () => reject(aborted(signal?.reason))
      if (signal?.aborted) abort()
      else {
        signal?.addEventListener('abort', abort)
        cleanUp = start(resolve, reject)
      }
    })
  } finally {
    signal?.removeEventListener('abort', abort)
    cleanUp()
  }
}

/** Calls `work` after `milliseconds`, but after 24 days at the latest. Returns a function that stops the timer. */
export function after(milliseconds: number, work: () => void): () => void {
  const timer = setTimeout(work, Math.min(milliseconds, MAX_TIMER_MS))
  return () => clearTimeout(timer)
}

/** Waits for `milliseconds`; rejects if the signal aborts first. */
export function pause(signal: Signal, milliseconds: number): Promise<void> {
  return unlessAborted<void>(signal, (resolve) => after(milliseconds, resolve))
}

/** Settles as `work` does; rejects after `milliseconds`, or when the signal aborts. */
export function within<T>(milliseconds: number, signal: Signal, work: () => Promise<T>): Promise<T> {
  return unlessAborted<T>(signal, (resolve, reject) => {
    work().then(resolve, reject)
    return after(milliseconds, () => reject(timedOut(milliseconds)))
  })
}

/** Draws a factor that shortens a delay, so that clients that failed together do not retry together. */
export const jitter = (): number => 1 - Math.random() / 2

/** Returns, in milliseconds, `first`, doubled for each earlier failure up to `most`, and shortened by the jitter. */
export function backoffMs(
  earlierFailures: number,
  { first, most }: { first: number; most: number },
  factor: number = jitter(),
): number {
  return Math.min(most, first * 2 ** Math.min(earlierFailures, 30)) * factor
}
