import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

test.each([
  [0, 100],
  [1, 200],
  [4, 1600],
  [5, 3000],
  [5000, 3000],
])('after %i earlier failures the delay is between half and all of %i ms', (failures, ms) => {
  const delays = Array.from({ length: 1000 }, () => backoffMs(failures, { first: 100, most: 3000 }))
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(ms / 2)
  expect(Math.max(...delays)).toBeLessThanOrEqual(ms)
  // They are spread over that range.
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(ms / 4)
})
