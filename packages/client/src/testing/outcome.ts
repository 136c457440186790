import { expect, vi } from 'vitest'
import { type Failure, failureOf } from '../index.ts'

/** Runs all timers until the call has settled, and checks that no timer is left. */
export async function outcome<T>(call: Promise<T>): Promise<{ value: T } | { failure: Failure; error: Error }> {
  const settled = call.then(
    (value) => ({ value }),
    (error: unknown) => ({ failure: failureOf(error), error: error as Error }),
  )
  await vi.runAllTimersAsync()
  const result = await settled
  expect(vi.getTimerCount()).toBe(0)
  return result
}
