import { expect, it } from 'vitest'
import { parseCpuTimes, stealShare } from './processes.ts'

it('computes steal as a share of the CPU time, and does not count the time of guests twice', () => {
  const before = parseCpuTimes('cpu  100 0 50 800 10 5 5 30 90 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n')
  expect(before).toEqual({ total: 1000, steal: 30 })
  expect(stealShare(before, { total: 2000, steal: 80 })).toBe(0.05)
  expect(stealShare(before, before)).toBe(0)
})

it('reads nothing from another format', () => {
  expect(parseCpuTimes('')).toEqual({ total: 0, steal: 0 })
})
