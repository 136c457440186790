import type { Operation, TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { v7 as uuidv7 } from 'uuid'
import { taskwireError } from './errors.ts'
import type { Call, SendCall } from './requests.ts'
import type { AppRouter } from './router.ts'
import { jsonOf } from './send.ts'
import { pause, unlessAborted } from './waiting.ts'

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

export const DELAY_MS = 200

/**
 * Gives each mutation an id of its own, and sends again what failed for a passing reason: with that
 * id a mutation has its effect once, however often it is sent. Streams come back by themselves.
 */
export function resilience(sendCall: SendCall, options: RetryOptions = {}): TRPCLink<AppRouter> {
  const { tries = 4, delayMs = DELAY_MS, maxDelayMs = 5000 } = options
  // Drawn once: what failed together, as one request, is sent again as one, and other clients at other times.
  const jitter = 1 - Math.random() / 2

  /** Undefined where no try should follow. */
  function waitAfter(error: unknown, tried: number): number | undefined {
    const { retryable, retryAfterMs = 0 } = taskwireError(error)
    if (tried >= tries || !retryable || retryAfterMs > maxDelayMs) return undefined
    // On top of what the service asks for, lest all whom it asked come back at once.
    return retryAfterMs + Math.min(maxDelayMs, delayMs * 2 ** (tried - 1)) * jitter
  }

  async function send(op: Operation): Promise<unknown> {
    // Made once: every try sends the same input with the same id.
    const call = callOf(op)
    for (let tried = 1; ; tried++) {
      try {
        return await unlessAborted(op.signal, (resolve, reject) => sendCall(call, resolve, reject))
      } catch (error) {
        const wait = waitAfter(error, tried)
        if (wait === undefined) throw error
        await pause(op.signal, wait)
      }
    }
  }

  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const fail = (error: unknown): void => observer.error(taskwireError(error))
        if (op.type !== 'subscription') {
          void send(op)
            .then((data) => observer.next({ result: { data } }))
            .then(() => observer.complete(), fail)
          return undefined
        }
        try {
          jsonOf(() => op.input ?? {})
        } catch (error) {
          return fail(error)
        }
        return next(op).subscribe({
          next: (envelope) => observer.next(envelope),
          error: fail,
          complete: () => observer.complete(),
        })
      })
}

function callOf({ type, path, input }: Operation): Call {
  if (type !== 'mutation') return { type: 'query', path, json: jsonOf(() => input ?? {}) }
  const given = (input ?? {}) as { mutationId?: string }
  return { type, path, json: jsonOf(() => ({ ...given, mutationId: given.mutationId ?? uuidv7() })) }
}
