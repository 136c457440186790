import { setTimeout as delay } from 'node:timers/promises'

/** The deadline of a start, by `performance.now()`, and the signal that cancels it. */
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

/** Waits between two steps of a polling loop. Throws the signal's reason if the start is cancelled. */
export async function pause(wait: Wait, ms = 20): Promise<void> {
  wait.signal?.throwIfAborted()
  await delay(ms)
  wait.signal?.throwIfAborted()
}
