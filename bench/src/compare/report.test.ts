import { expect, it } from 'vitest'
import type { Compared, Round } from './measure.ts'
import { fallsShort, operationInWords, ratioOf } from './report.ts'

const round = (rate: number): Round => ({ rate, clientUs: 400, serviceUs: 900, postgresUs: 1200 })
const slower: Compared = { before: [100, 200, 900].map(round), after: [100, 220, 240].map(round) }

it('compares the medians', () => {
  expect(ratioOf(slower)).toBe(1.1)
  expect(operationInWords('create', slower)).toBe(
    [
      'create: one task with a tag and a due date',
      '        calls/s       rounds  CPU client µs  CPU service µs  CPU PostgreSQL µs',
      'before      200  100 200 900            400             900              1,200',
      'after       220  100 220 240            400             900              1,200',
      '1.10 × as fast (0.27 to 1.10 in each round)',
    ].join('\n'),
  )
})

it('leaves out what the platform does not tell', () => {
  const untold = { before: [{ ...round(100), serviceUs: undefined, postgresUs: undefined }], after: [round(100)] }
  expect(operationInWords('get', untold)).not.toMatch(/service|PostgreSQL/)
})

it('holds the mutations of one task to the ratio, and nothing else', () => {
  const found = new Map([
    ['create', slower],
    ['list', slower],
  ] as const)
  expect(fallsShort(found, 1.1)).toEqual([])
  expect(fallsShort(found, 1.25)).toEqual(['create is 1.100 times as fast, and not 1.25.'])
})
