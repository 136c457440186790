export interface RetryOptions {
  /** Attempts in total, including the first. Default 4; with 1, calls are never retried. */
  attempts?: number | undefined
  /**
   * Milliseconds before the second attempt, doubled for each further attempt, and shortened by up to half at random.
   * Default 200.
   */
  delayMs?: number | undefined
  /**
   * Milliseconds up to which the delay is doubled. Default 5000. If the service asks to wait longer than this
   * (`Retry-After`), the call is not retried.
   */
  maxDelayMs?: number | undefined
}
