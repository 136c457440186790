import { expect, it } from 'vitest'
import { OPERATIONS } from './operations.ts'
import { readCompareOptions } from './options.ts'

it('measures every operation by default', () => {
  expect(readCompareOptions(['v1.0.0'])).toEqual({
    commit: 'v1.0.0',
    operations: OPERATIONS,
    rounds: 3,
    roundMs: 8000,
    warmMs: 8000,
    concurrency: 8,
    atLeast: undefined,
  })
  expect(readCompareOptions(['main', 'create', 'move', '--seconds', '0.5', '--at-least', '1.25'])).toMatchObject({
    operations: ['create', 'move'],
    roundMs: 500,
    atLeast: 1.25,
  })
})

it('rejects invalid arguments', () => {
  expect(() => readCompareOptions([])).toThrow('Name the commit to compare with.')
  expect(() => readCompareOptions(['main', 'delete'])).toThrow('Unknown operation delete. Choose from: create, update,')
  expect(() => readCompareOptions(['main', '--rounds', '0'])).toThrow('--rounds must be a number of at least 1, not 0.')
  expect(() => readCompareOptions(['main', '--concurrency', '31'])).toThrow('--concurrency must be at most 30, not 31.')
})
