import { expect, test } from 'vitest'
import { createSlowCalls, type SlowCalls } from './slow-calls.ts'

/** Calls that run until `endFirst()` ends them, in the order in which they started. */
function controlledCalls(slowCalls: SlowCalls) {
  const started: string[] = []
  const ends: (() => void)[] = []
  return {
    started,
    run: async (user: string, signal?: AbortSignal): Promise<void> =>
      await slowCalls.run(
        user,
        async () => {
          started.push(user)
          await new Promise<void>((resolve) => ends.push(resolve))
        },
        signal,
      ),
    async endFirst(): Promise<void> {
      ends.shift()?.()
      // The next waiting call starts in a microtask.
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
const HOUR_MS = 3_600_000

test('as many calls as the limit run at a time, of any users', async () => {
  const slowCalls = createSlowCalls({ atOnce: 2, mostWaiting: 10, waitMs: HOUR_MS })
  const { started, run, endFirst } = controlledCalls(slowCalls)
  const all = ['a', 'b', 'c', 'a'].map(async (user) => await run(user))
  expect([started, slowCalls.running, slowCalls.waiting]).toEqual([['a', 'b'], 2, 2])
  for (const running of [2, 2, 1, 0]) {
    await endFirst()
    expect(slowCalls.running).toBe(running)
  }
  await Promise.all(all)
  expect(started).toEqual(['a', 'b', 'c', 'a'])
  expect(slowCalls.waiting).toBe(0)
})

test('the least recently served user is next, and a new user first', async () => {
  const slowCalls = createSlowCalls({ atOnce: 1, mostWaiting: 100, waitMs: HOUR_MS })
  const { started, run, endFirst } = controlledCalls(slowCalls)
  const all = ['a', 'a', 'a', 'a', 'b', 'b', 'b'].map(async (user) => await run(user))
  for (let call = 0; call < 3; call++) await endFirst()
  expect(started).toEqual(['a', 'b', 'a', 'b'])
  all.push(run('c'))
  await endFirst()
  expect(started.at(-1)).toBe('c')
  for (let call = 0; call < 4; call++) await endFirst()
  await Promise.all(all)
  expect(started).toEqual(['a', 'b', 'a', 'b', 'c', 'a', 'b', 'a'])
})

test('with a full wait queue, the newest call of the user with the most waiting calls is refused', async () => {
  const slowCalls = createSlowCalls({ atOnce: 1, mostWaiting: 3, waitMs: HOUR_MS })
  const { started, run, endFirst } = controlledCalls(slowCalls)
  const all = ['a', 'a', 'a', 'a'].map(async (user) => await run(user))
  await expect(run('a')).rejects.toMatchObject({ appCode: 'OVERLOADED', details: { retryAfterMs: 1000 } })
  const other = run('b')
  await expect(all.pop()).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  // If another call of `a` were refused, `a` would have fewer waiting calls than `b`.
  await expect(run('b')).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  expect(slowCalls.waiting).toBe(3)
  for (let call = 0; call < 4; call++) await endFirst()
  await Promise.all([...all, other])
  expect(started).toEqual(['a', 'b', 'a', 'a'])
})

test('after a call fails, the next one starts; a call that waits too long or is aborted is refused', async () => {
  const slowCalls = createSlowCalls({ atOnce: 1, mostWaiting: 3, waitMs: 1 })
  const failing = slowCalls.run('a', async () => await Promise.reject(new Error('no')))
  await expect(failing).rejects.toThrow('no')
  const { started, run, endFirst } = controlledCalls(slowCalls)
  const first = run('a')
  await expect(run('b')).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  const hangUp = new AbortController()
  const aborted = run('c', hangUp.signal)
  hangUp.abort()
  await expect(aborted).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  await endFirst()
  await first
  expect([started, slowCalls.running, slowCalls.waiting]).toEqual([['a'], 0, 0])
})
