/**
 * Returns the milliseconds before the next attempt: `first`, doubled for each earlier failure up to `most`, and shortened
 * by up to half at random, so that processes which failed together do not retry together.
 */
export function backoffMs(earlierFailures: number, { first, most }: { first: number; most: number }): number {
  return Math.min(most, first * 2 ** Math.min(earlierFailures, 30)) * (1 - Math.random() / 2)
}
