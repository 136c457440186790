import { expect, test } from 'vitest'
import { tooDeep } from './json-bounds.ts'

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

test('levels of objects and arrays count alike', () => {
  expect(tooDeep(nested(32), 32)).toBe(false)
  expect(tooDeep(nested(33), 32)).toBe(true)
  expect(tooDeep('{"a":[{"b":[]}]}', 4)).toBe(false)
  expect(tooDeep('{"a":[{"b":[]}]}', 3)).toBe(true)
})

test('what stands beside one another is not deep', () => {
  expect(tooDeep(`[${'[],'.repeat(100_000)}[]]`, 2)).toBe(false)
})

test('brackets in strings do not count, whatever is escaped in them', () => {
  for (const text of [nested(100), '\\', '"', '\\"[[[[', '\\\\[[[[', '{"[', '\u2028[[[['])
    expect(tooDeep(JSON.stringify({ [text]: text }), 1)).toBe(false)
})

test('two hundred thousand levels, or a string without an end, take no longer', () => {
  expect(tooDeep(nested(200_000), 32)).toBe(true)
  expect(tooDeep(`"${'['.repeat(200_000)}`, 32)).toBe(false)
})
