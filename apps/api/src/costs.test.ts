import { expect, test } from 'vitest'
import { createCosts } from './costs.ts'

test('what may be slow is so until it was seen to be quick, and what is short until it was seen to be slow', () => {
  const costs = createCosts()
  expect([costs.isSlow('a', true), costs.isSlow('a', false)]).toEqual([true, false])
  costs.learn('a', 2)
  expect([costs.isSlow('a', true), costs.isSlow('a', false)]).toEqual([false, false])
  costs.learn('b', 200)
  expect([costs.isSlow('b', true), costs.isSlow('b', false)]).toEqual([true, true])
})

test('a mean falls faster than it rises: one call that had to wait changes nothing', () => {
  const costs = createCosts()
  for (const ms of [2, 50, 2]) costs.learn('a', ms)
  expect(costs.isSlow('a', true)).toBe(false)
  for (let nr = 0; nr < 3; nr++) costs.learn('a', 50)
  expect(costs.isSlow('a', true)).toBe(true)
  for (let nr = 0; nr < 3; nr++) costs.learn('a', 2)
  expect(costs.isSlow('a', true)).toBe(false)
})

test('it keeps a bounded number, and what is in use', () => {
  const costs = createCosts()
  costs.learn('old', 2)
  for (let nr = 0; nr < 30_000; nr++) {
    costs.learn(`key ${nr}`, 2)
    if (nr % 5000 === 0) costs.learn('used', 2)
  }
  expect(costs.isSlow('used', true)).toBe(false)
  expect(costs.isSlow('old', true)).toBe(true)
})
