import type { OperationResultEnvelope, TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { v7 as uuidv7 } from 'uuid'
import { aborted, inputTooLong, isTaskwireError, passingOf, type TaskwireError, timedOut } from './errors.ts'
import type { AppRouter } from './router.ts'

export interface RetryOptions {
  /** Tries in all, the first among them; default 4, and 1 never tries again. */
  tries?: number | undefined
  /** Milliseconds before the second try, doubled for each further one, less up to half by each client's chance; default 200. */
  delayMs?: number | undefined
  /**
   * Where the doubling ends, in milliseconds; default 5000. A Retry-After up to this is waited for,
   * and a longer one ends the tries.
   */
  maxDelayMs?: number | undefined
}

interface Resilience extends RetryOptions {
  /** For each try. */
  timeoutMs: number
  /** Characters that a query's input may have as part of an address. */
  maxInputLength: number
}

type Envelope = OperationResultEnvelope<unknown, TaskwireError>
type Signal = AbortSignal | null | undefined

/**
 * Gives each mutation an id of its own, and sends again what failed for a passing reason: with that
 * id a mutation has its effect once, however often it is sent.
 */
export function resilience(options: Resilience): TRPCLink<AppRouter> {
  const { tries = 4, delayMs = DELAY_MS, maxDelayMs = 5000, timeoutMs, maxInputLength } = options
  // Drawn once: what failed together, as one request, is sent again as one, and other clients at other times.
  const jitter = 1 - Math.random() / 2

  /** Undefined where no try should follow. */
  function waitAfter(error: unknown, tried: number): number | undefined {
    if (tried >= tries || !isTaskwireError(error)) return undefined
    const { retryable, retryAfterMs = 0 } = passingOf(error)
    if (!retryable || retryAfterMs > maxDelayMs) return undefined
    // On top of what the service asks for, lest all whom it asked come back at once.
    return retryAfterMs + Math.min(maxDelayMs, delayMs * 2 ** (tried - 1)) * jitter
  }

  return () =>
    ({ op, next }) => {
      // A stream comes back by itself.
      if (op.type === 'subscription') return next(op)
      const { signal } = op

      async function send(): Promise<Envelope> {
        // Built once: every try sends the same id.
        const call = { ...op, input: op.type === 'mutation' ? withMutationId(op.input) : (op.input ?? {}) }
        if (op.type === 'query') {
          const { length } = encodeURIComponent(JSON.stringify(call.input))
          if (length > maxInputLength) throw inputTooLong(length, maxInputLength)
        }
        for (let tried = 1; ; tried++) {
          try {
            return await unlessAborted<Envelope>(signal, (resolve, reject) => {
              const timer = setTimeout(() => reject(timedOut(timeoutMs)), Math.min(timeoutMs, LONGEST_MS))
              const subscription = next(call).subscribe({ next: resolve, error: reject })
              return () => {
                clearTimeout(timer)
                subscription.unsubscribe()
              }
            })
          } catch (error) {
            const wait = waitAfter(error, tried)
            if (wait === undefined) throw error
            await pause(signal, wait)
          }
        }
      }

      return observable((observer) => {
        send()
          .then((envelope) => observer.next(envelope))
          .then(
            () => observer.complete(),
            (error: TaskwireError) => observer.error(error),
          )
      })
    }
}

export const DELAY_MS = 200

/** Timers take no more milliseconds, and fire at once when they are given more. */
export const LONGEST_MS = 2 ** 31 - 1

/** Settles as `start` does, which returns its clean-up, or rejects when the signal aborts. */
async function unlessAborted<T>(
  signal: Signal,
  start: (resolve: (value: T) => void, reject: (error: TaskwireError) => void) => () => void,
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

/** Waits so long; rejects when the signal aborts meanwhile. */
export function pause(signal: Signal, milliseconds: number): Promise<void> {
  return unlessAborted<void>(signal, (resolve) => {
    const timer = setTimeout(resolve, Math.min(milliseconds, LONGEST_MS))
    return () => clearTimeout(timer)
  })
}

function withMutationId(input: unknown): unknown {
  const given = (input ?? {}) as { mutationId?: string }
  return { ...given, mutationId: given.mutationId ?? uuidv7() }
}
