import { setTimeout as pause } from 'node:timers/promises'
import { type Failure, failureOf } from '@taskwire/client'

/** Counts of attempts, by outcome. A retry with the same mutation id resolves an unknown outcome. */
export interface Tally {
  ok: number
  failed: number
  unknown: number
  resolved: number
  /** Attempts that failed, by appCode. */
  errors: Map<string, number>
}

export type Outcome<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'failed'; failure: Failure }
  | { kind: 'unknown'; failure: Failure }

/** After these errors it is unknown whether the mutation took effect. */
const UNKNOWN_OUTCOME: readonly string[] = ['NETWORK', 'TIMEOUT', 'UNAVAILABLE', 'INTERNAL', 'OTHER']
/** Errors of calls that were refused before anything was done: worth a retry. */
const RETRYABLE: readonly string[] = ['OVERLOADED', 'RATE_LIMITED']

export function newTally(): Tally {
  return { ok: 0, failed: 0, unknown: 0, resolved: 0, errors: new Map() }
}

/** Makes one call and counts its outcome. */
export async function attempt<T>(tally: Tally, call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    const value = await call()
    tally.ok++
    return { kind: 'ok', value }
  } catch (error) {
    const failure = failureOf(error)
    const kind = UNKNOWN_OUTCOME.includes(failure.appCode) ? 'unknown' : 'failed'
    tally[kind]++
    tally.errors.set(failure.appCode, (tally.errors.get(failure.appCode) ?? 0) + 1)
    return { kind, failure }
  }
}

/** Retries the call, with the same mutation id, until its outcome is known. Throws after `withinMs`. */
export async function settle<T>(
  tally: Tally,
  call: () => Promise<T>,
  withinMs = 120_000,
): Promise<Exclude<Outcome<T>, { kind: 'unknown' }>> {
  const deadline = performance.now() + withinMs
  let wasUnknown = false
  for (;;) {
    const outcome = await attempt(tally, call)
    if (outcome.kind === 'unknown') wasUnknown = true
    else if (outcome.kind === 'ok' || !RETRYABLE.includes(outcome.failure.appCode)) {
      if (wasUnknown) tally.resolved++
      return outcome
    }
    if (performance.now() > deadline) throw new Error(`No outcome within ${withinMs} ms: ${outcome.failure.message}`)
    const retryAfterMs = 'retryAfterMs' in outcome.failure ? (outcome.failure.retryAfterMs ?? 0) : 0
    await pause(Math.min(retryAfterMs, 300) + 100 + Math.random() * 200)
  }
}
