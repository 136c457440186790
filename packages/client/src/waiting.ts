import { aborted, timedOut } from './errors.ts'

export type Signal = AbortSignal | null | undefined

/** Timers take no more milliseconds, and fire at once when they are given more. */
const LONGEST_MS = 2 ** 31 - 1

/** Settles as `start` does, which returns its clean-up, or rejects when the signal aborts. */
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

/** Waits for so long; rejects when the signal aborts meanwhile. */
export function pause(signal: Signal, milliseconds: number): Promise<void> {
  return unlessAborted<void>(signal, (resolve) => {
    const timer = setTimeout(resolve, Math.min(milliseconds, LONGEST_MS))
    return () => clearTimeout(timer)
  })
}

/** Settles as the work does, or rejects after so long, or when the signal aborts. */
export function within<T>(milliseconds: number, signal: Signal, work: () => Promise<T>): Promise<T> {
  return unlessAborted<T>(signal, (resolve, reject) => {
    const timer = setTimeout(() => reject(timedOut(milliseconds)), Math.min(milliseconds, LONGEST_MS))
    work().then(resolve, reject)
    return () => clearTimeout(timer)
  })
}
