import { expect, test } from 'vitest'
import { createSlowCalls, type SlowCalls } from './slow-calls.ts'

/** Calls that end when they are told to, in the order in which they began. */
function calls(slow: SlowCalls) {
  const begun: string[] = []
  const ends: (() => void)[] = []
  return {
    begun,
    run: async (user: string, signal?: AbortSignal): Promise<void> =>
      await slow.run(
        user,
        async () => {
          begun.push(user)
          await new Promise<void>((resolve) => ends.push(resolve))
        },
        signal,
      ),
    async endFirst(): Promise<void> {
      ends.shift()?.()
      // What waits for it begins in one of the next turns.
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
const HOUR_MS = 3_600_000

test('so many run at a time, of whatever users', async () => {
  const slow = createSlowCalls({ atOnce: 2, mostWaiting: 10, waitMs: HOUR_MS })
  const { begun, run, endFirst } = calls(slow)
  const all = ['a', 'b', 'c', 'a'].map(async (user) => await run(user))
  expect([begun, slow.running, slow.waiting]).toEqual([['a', 'b'], 2, 2])
  for (const running of [2, 2, 1, 0]) {
    await endFirst()
    expect(slow.running).toBe(running)
  }
  await Promise.all(all)
  expect(begun).toEqual(['a', 'b', 'c', 'a'])
  expect(slow.waiting).toBe(0)
})

test('the next is the user who was served longest ago, and a new one first', async () => {
  const slow = createSlowCalls({ atOnce: 1, mostWaiting: 100, waitMs: HOUR_MS })
  const { begun, run, endFirst } = calls(slow)
  const all = ['a', 'a', 'a', 'a', 'b', 'b', 'b'].map(async (user) => await run(user))
  for (let nr = 0; nr < 3; nr++) await endFirst()
  expect(begun).toEqual(['a', 'b', 'a', 'b'])
  all.push(run('c'))
  await endFirst()
  expect(begun.at(-1)).toBe('c')
  for (let nr = 0; nr < 4; nr++) await endFirst()
  await Promise.all(all)
  expect(begun).toEqual(['a', 'b', 'a', 'b', 'c', 'a', 'b', 'a'])
})

test('where too many wait, the newest of the user who has the most is refused', async () => {
  const slow = createSlowCalls({ atOnce: 1, mostWaiting: 3, waitMs: HOUR_MS })
  const { begun, run, endFirst } = calls(slow)
  const all = ['a', 'a', 'a', 'a'].map(async (user) => await run(user))
  await expect(run('a')).rejects.toMatchObject({ appCode: 'OVERLOADED', details: { retryAfterMs: 1000 } })
  const other = run('b')
  await expect(all.pop()).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  // Now both have a part: nobody makes way for more of b's than a has.
  await expect(run('b')).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  expect(slow.waiting).toBe(3)
  for (let nr = 0; nr < 4; nr++) await endFirst()
  await Promise.all([...all, other])
  expect(begun).toEqual(['a', 'b', 'a', 'a'])
})

test('one that fails makes way, and one that waits too long or hangs up is refused', async () => {
  const slow = createSlowCalls({ atOnce: 1, mostWaiting: 3, waitMs: 1 })
  const failing = slow.run('a', async () => await Promise.reject(new Error('no')))
  await expect(failing).rejects.toThrow('no')
  const { begun, run, endFirst } = calls(slow)
  const first = run('a')
  await expect(run('b')).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  const gone = new AbortController()
  const hungUp = run('c', gone.signal)
  gone.abort()
  await expect(hungUp).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  await endFirst()
  await first
  expect([begun, slow.running, slow.waiting]).toEqual([['a'], 0, 0])
})
