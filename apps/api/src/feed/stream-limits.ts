import { LIMITS } from '@taskwire/contract'
import { AppError } from '../errors.ts'

/** Limits the streams of this process, and of each user. A stream counts until the stack given with it is disposed. */
export interface StreamLimits {
  /** Streams that are open or opening. */
  readonly count: number
  /**
   * Counts a stream that is about to open, by its user if the user is known, otherwise by its credential. Throws
   * OVERLOADED if the process has too many streams, RATE_LIMITED if the user has.
   */
  reserve(userKey: string, until: DisposableStack): void
  /** Counts a stream whose user is known. Throws RATE_LIMITED if the user has too many. */
  countOpen(userId: string, until: DisposableStack): void
}

export function createStreamLimits({ most }: { most: number }): StreamLimits {
  const reservedByUser = new Map<string, number>()
  const openByUser = new Map<string, number>()
  let count = 0
  return {
    get count() {
      return count
    },
    reserve(userKey, until) {
      if (count >= most)
        throw new AppError(
          'OVERLOADED',
          `This process has ${most} streams open, which is its limit; try again later.`,
          {
            retryAfterMs: 5000,
          },
        )
      countUp(reservedByUser, userKey, until)
      until.defer(() => void count--)
      count++
    },
    countOpen: (userId, until) => countUp(openByUser, userId, until),
  }
}

function countUp(counts: Map<string, number>, user: string, until: DisposableStack): void {
  const own = counts.get(user) ?? 0
  if (own >= LIMITS.streamsPerUser)
    throw new AppError(
      'RATE_LIMITED',
      `This user has ${LIMITS.streamsPerUser} streams open, which is the limit; close one, or share one between listeners.`,
      { retryAfterMs: 10_000 },
    )
  // Registered before the stream is counted: if the stack is already disposed, this throws.
  until.defer(() => {
    const left = (counts.get(user) ?? 1) - 1
    if (left === 0) counts.delete(user)
    else counts.set(user, left)
  })
  counts.set(user, own + 1)
}
