import { expect, test } from 'vitest'
import { createCallCosts } from './call-costs.ts'

test('a call that may be slow counts as slow until it was measured as quick', () => {
  const costs = createCallCosts()
  expect(costs.isSlow('a', 'count', true)).toBe(true)
  costs.learn('a', 'count', 2)
  for (let call = 0; call < 3; call++) costs.learn('b', 'count', 200)
  expect(['a', 'b'].map((user) => costs.isSlow(user, 'count', true))).toEqual([false, true])
})

test('the first call of a user counts as those of others, and the next as slow until the first was measured', () => {
  const costs = createCallCosts()
  costs.learn('a', 'count', 2)
  expect([1, 2].map(() => costs.isSlow('b', 'count', true))).toEqual([false, true])
  costs.learn('b', 'count', 2)
  expect(costs.isSlow('b', 'count', true)).toBe(false)
  for (let nr = 0; nr < 300; nr++) costs.learn('a', 'search', 200)
  expect(costs.isSlow('b', 'search', true)).toBe(true)
})

test('a user whose first calls took long, as on a busy machine, counts as slow only if those of all users do', () => {
  const costs = createCallCosts()
  costs.learn('a', 'count', 2)
  for (let call = 0; call < 2; call++) costs.learn('b', 'count', 200)
  expect(costs.isSlow('b', 'count', true)).toBe(false)
  costs.learn('b', 'count', 200)
  expect(costs.isSlow('b', 'count', true)).toBe(true)
})

test('a short call counts as short until it is slower than the same calls of other users', () => {
  const costs = createCallCosts()
  expect(costs.isSlow('a', 'get', false)).toBe(false)
  costs.learn('b', 'get', 2)
  for (let nr = 0; nr < 10; nr++) costs.learn('a', 'get', 200)
  expect(['a', 'b'].map((user) => costs.isSlow(user, 'get', false))).toEqual([true, false])
})

test('short calls stay short while the calls of all users are slow', () => {
  const costs = createCallCosts()
  for (let nr = 0; nr < 100; nr++) costs.learn(`user ${nr % 10}`, 'get', 100 + nr)
  expect(costs.isSlow('user 9', 'get', false)).toBe(false)
})

test('a mean falls faster than it rises, so that one slow measurement changes nothing', () => {
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

test('remembers a bounded number of users, and keeps those in use', () => {
  const costs = createCallCosts()
  costs.learn('old', 'count', 2)
  for (let nr = 0; nr < 30_000; nr++) {
    costs.learn(`user ${nr}`, 'count', 2)
    if (nr % 5000 === 0) costs.learn('used', 'count', 2)
  }
  expect(costs.isSlow('used', 'count', true)).toBe(false)
  // Forgotten: judged by others, and then unmeasured.
  expect([1, 2].map(() => costs.isSlow('old', 'count', true))).toEqual([false, true])
})
