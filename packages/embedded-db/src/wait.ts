import { setTimeout as delay } from 'node:timers/promises'

/** The deadline of a start, by `performance.now()`. */
export interface Wait {
  until: number
}

export function waitFor(timeoutMs: number): Wait {
  return { until: performance.now() + timeoutMs }
}

export function timeLeft(wait: Wait): number {
  return Math.max(0, Math.ceil(wait.until - performance.now()))
}

/** Waits between two steps of a polling loop. */
export async function pause(): Promise<void> {
  await delay(20)
}
