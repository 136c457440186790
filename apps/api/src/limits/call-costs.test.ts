import { expect, test } from 'vitest'
import { createCallCosts } from './call-costs.ts'

test('what may be slow is so until it was seen to be quick', () => {
  const costs = createCallCosts()
  expect(costs.isSlow('a', 'count', true)).toBe(true)
  costs.learn('a', 'count', 2)
  costs.learn('b', 'count', 200)
  expect(['a', 'b', 'c'].map((user) => costs.isSlow(user, 'count', true))).toEqual([false, true, true])
})

test('what is short is so until it was seen to be slow, beside the same calls of others', () => {
  const costs = createCallCosts()
  expect(costs.isSlow('a', 'get', false)).toBe(false)
  costs.learn('b', 'get', 2)
  for (let nr = 0; nr < 10; nr++) costs.learn('a', 'get', 200)
  expect(['a', 'b'].map((user) => costs.isSlow(user, 'get', false))).toEqual([true, false])
})

test('where the calls of all take long, the short ones stay short', () => {
  const costs = createCallCosts()
  for (let nr = 0; nr < 100; nr++) costs.learn(`user ${nr % 10}`, 'get', 100 + nr)
  expect(costs.isSlow('user 9', 'get', false)).toBe(false)
})

test('a mean falls faster than it rises: one call that had to wait changes nothing', () => {
  const costs = createCallCosts()
  const learn = (...all: number[]): void => {
    for (const ms of all) costs.learn('a', 'count', ms)
  }
  learn(2, 50, 2)
  expect(costs.isSlow('a', 'count', true)).toBe(false)
  learn(50, 50, 50)
  expect(costs.isSlow('a', 'count', true)).toBe(true)
  learn(2, 2, 2)
  expect(costs.isSlow('a', 'count', true)).toBe(false)
})

test('it keeps a bounded number, and what is in use', () => {
  const costs = createCallCosts()
  costs.learn('old', 'count', 2)
  for (let nr = 0; nr < 30_000; nr++) {
    costs.learn(`user ${nr}`, 'count', 2)
    if (nr % 5000 === 0) costs.learn('used', 'count', 2)
  }
  expect(costs.isSlow('used', 'count', true)).toBe(false)
  expect(costs.isSlow('old', 'count', true)).toBe(true)
})
