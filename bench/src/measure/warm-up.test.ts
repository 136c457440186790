import { describe, expect, it } from 'vitest'
import { createRandom } from '../load/random.ts'
import { isSteady, warmUntilSteady } from './warm-up.ts'

describe('a rate', () => {
  it.each([
    ['fewer than three windows', [1000, 1000]],
    ['a rate that still rises', [1000, 2000, 2200]],
    ['a rate that falls', [2200, 2000, 1900]],
    ['a last window that is slower', [1000, 1000, 1000, 900]],
    ['no calls', [0, 0, 0]],
    ['a window without calls', [1, 0, 1]],
    ['few calls that differ by more than chance', [10, 5, 10]],
  ])('is not steady with %s', (_, calls) => expect(isSteady(calls)).toBe(false))

  it.each([
    ['three equal windows', [1000, 1000, 1000]],
    ['windows within 5 %', [1000, 980, 1010]],
    ['a slow start before three equal windows', [10, 500, 900, 1000, 1010, 1000]],
    ['few calls that differ by chance', [2, 1, 2]],
  ])('is steady with %s', (_, calls) => expect(isSteady(calls)).toBe(true))
})

/** Numbers of calls of a subject that approaches its rate, with noise of at most the given share. */
function series(random: () => number, halfLife: number, noise: number): () => number {
  const rate = 500 + random() * 20_000
  let window = 0
  return () => Math.round(rate * (1 - 0.7 * 2 ** (-window++ / halfLife)) * (1 + noise * (2 * random() - 1)))
}

describe('warming', () => {
  const random = createRandom(20_261_122)
  const drawn = Array.from({ length: 200 }, () => series(random, 0.2 + 2 * random(), 0.01))

  it('ends near the final rate, for random series that approach it', async () => {
    for (const next of drawn) {
      const calls: number[] = []
      const warmed = await warmUntilSteady(async () => calls[calls.push(next()) - 1] ?? 0, 60_000)
      expect(warmed).toEqual({ ms: calls.length * 1000, isSteady: true })
      const final = Array.from({ length: 50 }, next).at(-1) ?? 0
      expect((calls.at(-1) ?? 0) / final).toBeGreaterThan(0.85)
    }
  })

  it('ends at its limit if the rate never becomes steady', async () => {
    let calls = 1000
    const warmed = await warmUntilSteady(async () => (calls *= 1.1), 20_000)
    expect(warmed).toEqual({ ms: 20_000, isSteady: false })
  })

  it('runs no window with a limit of 0', async () => {
    const warmed = await warmUntilSteady(() => Promise.reject(new Error('a window')), 0)
    expect(warmed).toEqual({ ms: 0, isSteady: false })
  })
})
