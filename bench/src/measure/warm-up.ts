/** How a subject was warmed before a work. */
export interface Warmed {
  ms: number
  /** False if the rate was still changing at the end. */
  isSteady: boolean
}

export const WINDOW_MS = 1000
const STEADY_WINDOWS = 3
const TOLERANCE = 0.05

/**
 * Whether the rate is steady: each of the last three windows has calls, and their numbers of calls differ by at most 5
 * %, or by at most the square root of the largest, since small numbers differ by chance.
 */
export function isSteady(calls: readonly number[]): boolean {
  const last = calls.slice(-STEADY_WINDOWS)
  const least = Math.min(...last)
  const most = Math.max(...last)
  return last.length === STEADY_WINDOWS && least > 0 && most - least <= Math.max(most * TOLERANCE, Math.sqrt(most))
}

/** Runs windows until the rate is steady or the limit would be exceeded. `runWindow` returns the number of calls. */
export async function warmUntilSteady(runWindow: () => Promise<number>, limitMs: number): Promise<Warmed> {
  const calls: number[] = []
  while (!isSteady(calls) && (calls.length + 1) * WINDOW_MS <= limitMs) calls.push(await runWindow())
  return { ms: calls.length * WINDOW_MS, isSteady: isSteady(calls) }
}
