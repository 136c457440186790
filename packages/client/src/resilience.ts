import { TRPCClientError, type TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { v7 as uuidv7 } from 'uuid'
import type { AppRouter } from './router.ts'

export interface RetryOptions {
  /** Tries in all, the first among them; default 4. */
  tries?: number
  /** Milliseconds before the second try, doubled for each further one and jittered; default 200. */
  delayMs?: number
  /** The longest wait between two tries in milliseconds; default 5000. A longer Retry-After ends the tries. */
  maxDelayMs?: number
}

// Without data no answer came, or none of the service's: a proxy's page, a cut connection.
function isRetryable(error: TRPCClientError<AppRouter>): boolean {
  return error.data?.retryable ?? true
}

/**
 * Gives each mutation an id of its own, and sends again what failed for a passing reason: with that
 * id a mutation has its effect once, however often it is sent.
 */
export function resilience({ tries = 4, delayMs = 200, maxDelayMs = 5000 }: RetryOptions = {}): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const call = op.type === 'mutation' ? { ...op, input: withMutationId(op.input) } : op
        let attempts = 0
        let timer: ReturnType<typeof setTimeout> | undefined
        let subscription: { unsubscribe(): void } | undefined

        function attempt(): void {
          attempts++
          subscription = next(call).subscribe({
            next: (value) => observer.next(value),
            complete: () => observer.complete(),
            error(error) {
              const backoff = Math.min(maxDelayMs, delayMs * 2 ** (attempts - 1)) * (0.5 + Math.random() / 2)
              const wait = Math.max(backoff, error.data?.retryAfterMs ?? 0)
              const again = attempts < tries && wait <= maxDelayMs && isRetryable(error) && op.signal?.aborted !== true
              if (again) timer = setTimeout(attempt, wait)
              else observer.error(error)
            },
          })
        }
        function abort(): void {
          clearTimeout(timer)
          observer.error(
            TRPCClientError.from(
              op.signal?.reason instanceof Error ? op.signal.reason : new DOMException('Aborted', 'AbortError'),
            ),
          )
        }
        op.signal?.addEventListener('abort', abort, { once: true })
        attempt()
        return () => {
          op.signal?.removeEventListener('abort', abort)
          clearTimeout(timer)
          subscription?.unsubscribe()
        }
      })
}

function withMutationId(input: unknown): unknown {
  const given: { mutationId?: string } = typeof input === 'object' && input !== null ? input : {}
  return given.mutationId === undefined ? { ...given, mutationId: uuidv7() } : given
}
