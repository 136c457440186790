import { setTimeout as delay } from 'node:timers/promises'

/** How long one start may take: until a moment of `performance.now()`, or until it is cancelled. */
export interface Wait {
  until: number
  signal: AbortSignal | undefined
}

export function waitFor(timeoutMs: number, signal: AbortSignal | undefined): Wait {
  return { until: performance.now() + timeoutMs, signal }
}

export function timeLeft(wait: Wait): number {
  return Math.max(0, Math.ceil(wait.until - performance.now()))
}

/** One step of a polling loop; throws the signal's reason when the start was cancelled. */
export async function pause(wait: Wait, ms = 20): Promise<void> {
  wait.signal?.throwIfAborted()
  await delay(ms)
  wait.signal?.throwIfAborted()
}
