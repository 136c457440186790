import { LRUCache } from 'lru-cache'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../errors.ts'

/** Limits how many calls of each user may reach the database per minute. */
export interface RateLimits {
  /** Counts one call; throws RATE_LIMITED when none is left. */
  take(key: string): Promise<void>
  /** Takes back the count of a call that did not run. */
  refund(key: string): Promise<void>
  /** Milliseconds until a blocked key is served again; 0 for a key that is not blocked. */
  blockedMs(keyOf: () => string): number
  /** Moves the counted calls of one key to another. */
  move(from: string, to: string): Promise<void>
}

const MOST_BLOCKED = 10_000

export function createRateLimits(perMinute: number): RateLimits {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 })
  // Lets the admission gate refuse a request without counting it.
  const blockedUntil = new LRUCache<string, number>({ max: MOST_BLOCKED })
  return {
    blockedMs(keyOf) {
      if (blockedUntil.size === 0) return 0
      const key = keyOf()
      const remainingMs = (blockedUntil.get(key) ?? 0) - Date.now()
      if (remainingMs <= 0) blockedUntil.delete(key)
      return Math.max(0, remainingMs)
    },
    async take(key) {
      try {
        await limiter.consume(key)
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error
        blockedUntil.set(key, Date.now() + error.msBeforeNext)
        throw new AppError('RATE_LIMITED', `More than ${perMinute} calls in a minute; wait before the next call.`, {
          retryAfterMs: Math.max(1, error.msBeforeNext),
        })
      }
    },
    async refund(key) {
      await limiter.reward(key)
    },
    async move(from, to) {
      const counted = await limiter.get(from)
      if (counted === null) return
      await limiter.penalty(to, counted.consumedPoints)
      await limiter.delete(from)
    },
  }
}
