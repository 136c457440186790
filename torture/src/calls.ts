import { setTimeout as pause } from 'node:timers/promises'
import { type Failure, failureOf } from '@taskwire/client'

/** What became of the tries; an unknown one is resolved when asking with the same mutation id has told. */
export interface Tally {
  ok: number
  failed: number
  unknown: number
  resolved: number
  /** How many tries ended with which refusal. */
  refusals: Map<string, number>
}

export type Outcome<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'failed'; failure: Failure }
  | { kind: 'unknown'; failure: Failure }

// Of a mutation that ended like this it is not known whether it had its effect.
const UNKNOWN: readonly string[] = ['NETWORK', 'TIMEOUT', 'UNAVAILABLE', 'INTERNAL', 'OTHER']
/** Refused before anything was done, for now. */
const LATER: readonly string[] = ['OVERLOADED', 'RATE_LIMITED']

export function newTally(): Tally {
  return { ok: 0, failed: 0, unknown: 0, resolved: 0, refusals: new Map() }
}

export async function attempt<T>(tally: Tally, call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    const value = await call()
    tally.ok++
    return { kind: 'ok', value }
  } catch (error) {
    const failure = failureOf(error)
    const kind = UNKNOWN.includes(failure.appCode) ? 'unknown' : 'failed'
    tally[kind]++
    tally.refusals.set(failure.appCode, (tally.refusals.get(failure.appCode) ?? 0) + 1)
    return { kind, failure }
  }
}

/** Sends the same call, with the same mutation id, until it is known what became of it. */
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
    else if (outcome.kind === 'ok' || !LATER.includes(outcome.failure.appCode)) {
      if (wasUnknown) tally.resolved++
      return outcome
    }
    if (performance.now() > deadline) throw new Error(`No outcome within ${withinMs} ms: ${outcome.failure.message}`)
    const asked = 'retryAfterMs' in outcome.failure ? (outcome.failure.retryAfterMs ?? 0) : 0
    await pause(Math.min(asked, 300) + 100 + Math.random() * 200)
  }
}
