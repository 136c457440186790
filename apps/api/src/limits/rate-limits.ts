import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../errors.ts'

/** Counts the calls of each user that reach the database within a minute. */
export interface RateLimits {
  /** Takes one of a user's; throws RATE_LIMITED when none is left. */
  take(key: string): Promise<void>
  /** Gives one back that was taken for nothing. */
  giveBack(key: string): Promise<void>
  /** For how many milliseconds a key is refused already; 0 where it is not. */
  blockedMs(keyOf: () => string): number
  /** Counts what was taken under one key under another from now on. */
  move(from: string, to: string): Promise<void>
}

const MOST_BLOCKED = 10_000

export function createRateLimits(perMinute: number): RateLimits {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 })
  // Known here without counting, for refusals at the gate.
  const blockedUntil = new Map<string, number>()
  return {
    blockedMs(keyOf) {
      if (blockedUntil.size === 0) return 0
      const key = keyOf()
      const left = (blockedUntil.get(key) ?? 0) - Date.now()
      if (left <= 0) blockedUntil.delete(key)
      return Math.max(0, left)
    },
    async take(key) {
      try {
        await limiter.consume(key)
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        if (blockedUntil.size >= MOST_BLOCKED) blockedUntil.clear()
        blockedUntil.set(key, Date.now() + refused.msBeforeNext)
        throw new AppError('RATE_LIMITED', `More than ${perMinute} calls within a minute; wait before the next.`, {
          retryAfterMs: Math.max(1, refused.msBeforeNext),
        })
      }
    },
    async giveBack(key) {
      await limiter.reward(key)
    },
    async move(from, to) {
      const taken = await limiter.get(from)
      if (taken === null) return
      await limiter.penalty(to, taken.consumedPoints)
      await limiter.delete(from)
    },
  }
}
