import { aborted, timedOut } from './errors.ts'

export type Signal = AbortSignal | null | undefined

/** The longest delay of a timer in milliseconds; with more it fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Settles as `start` does, or rejects when the signal aborts. `start` returns its clean-up. */
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

/** Waits for `milliseconds`; rejects if the signal aborts meanwhile. */
export function pause(signal: Signal, milliseconds: number): Promise<void> {
  return unlessAborted<void>(signal, (resolve) => {
    const timer = setTimeout(resolve, Math.min(milliseconds, MAX_TIMER_MS))
    return () => clearTimeout(timer)
  })
}

/** Settles as `work` does; rejects after `milliseconds`, or when the signal aborts. */
export function within<T>(milliseconds: number, signal: Signal, work: () => Promise<T>): Promise<T> {
  return unlessAborted<T>(signal, (resolve, reject) => {
    const timer = setTimeout(() => reject(timedOut(milliseconds)), Math.min(milliseconds, MAX_TIMER_MS))
    work().then(resolve, reject)
    return () => clearTimeout(timer)
  })
}
