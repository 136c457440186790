import type { Operation, TRPCClientError, TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { v7 as uuidv7 } from 'uuid'
import { errorOfMutation, taskwireError } from './errors.ts'
import type { Call, SendCall } from './requests.ts'
import type { RetryOptions } from './retry-options.ts'
import type { AppRouter } from './router.ts'
import { toJson } from './send.ts'
import { backoffMs, jitter, pause, type Signal, unlessAborted } from './waiting.ts'

export const DELAY_MS = 200

/**
 * A link that gives each mutation an id, and retries calls that failed with a retryable error. Because of its id, a
 * mutation takes effect once, however often it is sent. Streams reconnect by themselves.
 */
export function resilience(sendCall: SendCall, options: RetryOptions = {}): TRPCLink<AppRouter> {
  const { attempts: maxAttempts = 4, delayMs = DELAY_MS, maxDelayMs = 5000 } = options
  // Drawn once per client: calls that failed in one request are retried in one request, and other clients retry at
  // other times.
  const factor = jitter()

  /** Returns the milliseconds to wait before the next attempt; undefined if there is none. */
  function delayAfter(error: unknown, attempts: number): number | undefined {
    const { retryable, retryAfterMs = 0 } = taskwireError(error)
    if (attempts >= maxAttempts || !retryable || retryAfterMs > maxDelayMs) return undefined
    // The back-off is added to the time that the service asks for, so that not all clients return at once.
    return retryAfterMs + backoffMs(attempts - 1, { first: delayMs, most: maxDelayMs }, factor)
  }

  async function sendUntilSettled(call: Call, signal: Signal): Promise<unknown> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await unlessAborted(signal, (resolve, reject) => sendCall(call, resolve, reject))
      } catch (error) {
        const delay = delayAfter(error, attempts)
        if (delay === undefined) throw error
        await pause(signal, delay)
      }
    }
  }

  async function send(op: Operation): Promise<unknown> {
    // Created once: every attempt sends the same input with the same id.
    const call = callOf(op)
    try {
      return await sendUntilSettled(call, op.signal)
    } catch (error) {
      throw call.mutationId === undefined ? error : errorOfMutation(taskwireError(error), call.mutationId)
    }
  }

  return () =>
    ({ op, next }) =>
      observable((observer) => {
        // A TaskwireError is a TRPCClientError, though its type does not say so.
        const fail = (error: unknown): void =>
          observer.error(taskwireError(error) as unknown as TRPCClientError<AppRouter>)
        if (op.type !== 'subscription') {
          void send(op)
            .then((data) => observer.next({ result: { data } }))
            .then(() => observer.complete(), fail)
          return undefined
        }
        try {
          toJson(() => op.input ?? {})
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
  if (type !== 'mutation') return { type: 'query', path, json: toJson(() => input ?? {}) }
  const fields = (input ?? {}) as { mutationId?: string }
  const mutationId = fields.mutationId ?? uuidv7()
  return { type, path, json: toJson(() => ({ ...fields, mutationId })), mutationId }
}
