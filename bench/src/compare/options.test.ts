import { expect, it } from 'vitest'
import { OPERATIONS } from './operations.ts'
import { readCompareOptions } from './options.ts'

it('measures every operation unless told which', () => {
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

it('says what is wrong', () => {
  expect(() => readCompareOptions([])).toThrow('Which commit is this tree to be measured beside?')
  expect(() => readCompareOptions(['main', 'delete'])).toThrow('delete is not one of create, update,')
  expect(() => readCompareOptions(['main', '--rounds', '0'])).toThrow('--rounds 0 is not a number of 1 or more.')
  expect(() => readCompareOptions(['main', '--concurrency', '31'])).toThrow('--concurrency 31 is above 30.')
})
