export interface RetryOptions {
  /** Attempts in total, the first included. Default 4; 1 never retries. */
  attempts?: number | undefined
  /**
   * Milliseconds before the second attempt, doubled for each further one, and shortened by up to half at random.
   * Default 200.
   */
  delayMs?: number | undefined
  /**
   * Milliseconds up to which the delay is doubled. Default 5000. A `Retry-After` up to this is waited for; a longer one
   * ends the attempts.
   */
  maxDelayMs?: number | undefined
}
