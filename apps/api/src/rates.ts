import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Caller } from '@taskwire/db'
import { AppError } from './errors.ts'

/** Counts calls a minute; a batch counts for each of its calls. */
export interface Rates {
  /** Takes one; throws RATE_LIMITED when none is left. */
  take(key: string): Promise<void>
  /** The key of a caller whose user is not known yet. */
  keyOf(caller: Caller): string
}

export function createRates(perMinute: number): Rates {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 })
  return {
    async take(key) {
      try {
        await limiter.consume(key)
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        throw new AppError('RATE_LIMITED', `More than ${perMinute} calls within a minute; wait before the next.`, {
          retryAfterMs: Math.max(1, refused.msBeforeNext),
        })
      }
    },
    keyOf: ({ credential, actingAs }) => `${Buffer.from(credential).toString('base64')} ${actingAs ?? ''}`,
  }
}
