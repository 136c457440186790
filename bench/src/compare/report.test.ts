import { expect, it } from 'vitest'
import type { Compared, Round } from './measure.ts'
import { findShortfalls, formatOperation, ratioOf } from './report.ts'

const round = (rate: number): Round => ({ rate, clientUs: 400, serviceUs: 900, postgresUs: 1200 })
const slower: Compared = { before: [100, 200, 900].map(round), after: [100, 220, 240].map(round) }

it('compares the medians', () => {
  expect(ratioOf(slower)).toBe(1.1)
  expect(formatOperation('create', slower)).toBe(
    [
      'create: one task with a tag and a due date',
      '        calls/s       rounds  CPU client µs  CPU service µs  CPU PostgreSQL µs',
      'before      200  100 200 900            400             900              1,200',
      'after       220  100 220 240            400             900              1,200',
      '1.10 × as fast (0.27 to 1.10 in each round)',
    ].join('\n'),
  )
})

it('omits CPU times that the platform does not report', () => {
  const withoutCpu = { before: [{ ...round(100), serviceUs: undefined, postgresUs: undefined }], after: [round(100)] }
  expect(formatOperation('get', withoutCpu)).not.toMatch(/service|PostgreSQL/)
})

it('checks only mutations of one task against --at-least', () => {
  const found = new Map([
    ['create', slower],
    ['list', slower],
  ] as const)
  expect(findShortfalls(found, 1.1)).toEqual([])
  expect(findShortfalls(found, 1.25)).toEqual(['create is 1.100 times as fast, below the required 1.25.'])
})
