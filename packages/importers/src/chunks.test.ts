import { expect, test } from 'vitest'
import { chunkAt } from './chunks.ts'

test('returns at most the given number of items from the index on', () => {
  const items = Array.from({ length: 1203 }, (_, index) => index)
  expect(chunkAt(items, 0, 500)).toHaveLength(500)
  expect(chunkAt(items, 1000, 500)).toEqual(items.slice(1000))
})

test('stays within the byte limit, counted in UTF-8', () => {
  const items = Array.from({ length: 10 }, () => 'é'.repeat(100))
  expect(chunkAt(items, 0, 500, 650)).toHaveLength(3)
})

test('returns an oversized item alone', () => {
  expect(chunkAt(['x'.repeat(100), 'y'], 0, 500, 50)).toEqual(['x'.repeat(100)])
})
