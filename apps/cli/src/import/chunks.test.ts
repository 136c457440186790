import { expect, test } from 'vitest'
import { chunkAt } from './chunks.ts'

test('takes as many as it may, from where it is told', () => {
  const items = Array.from({ length: 1203 }, (_, index) => index)
  expect(chunkAt(items, 0, 500)).toHaveLength(500)
  expect(chunkAt(items, 1000, 500)).toEqual(items.slice(1000))
})

test('stays within the bytes of one call, counted as they are sent', () => {
  const items = Array.from({ length: 10 }, () => 'é'.repeat(100))
  expect(chunkAt(items, 0, 500, 650)).toHaveLength(3)
})

test('takes one that is too large by itself alone', () => {
  expect(chunkAt(['x'.repeat(100), 'y'], 0, 500, 50)).toEqual(['x'.repeat(100)])
})
