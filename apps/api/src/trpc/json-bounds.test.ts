import { LIMITS } from '@taskwire/contract'
import { expect, test } from 'vitest'
import { requireBounds } from './json-bounds.ts'

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const expectWithin = (text: string): void => expect(() => requireBounds(text)).not.toThrow()
const expectBeyond = (text: string, appCode: string): void =>
  expect(() => requireBounds(text)).toThrow(expect.objectContaining({ appCode }))
const fields = (count: number): string =>
  `{${Array.from({ length: count }, (_, nr) => `"${nr}":{"a":1,"b":[2]}`).join()}}`

test('levels of objects and arrays count alike', () => {
  expectWithin(nested(LIMITS.depth))
  expectBeyond(nested(LIMITS.depth + 1), 'VALIDATION')
  const mixed = (inner: string): string => '{"a":['.repeat(LIMITS.depth / 2) + inner + ']}'.repeat(LIMITS.depth / 2)
  expectWithin(mixed('1'))
  expectBeyond(mixed('{}'), 'VALIDATION')
})

test('brackets that close nothing make no room for deeper ones', () => {
  expectBeyond(']'.repeat(100) + nested(LIMITS.depth + 1), 'VALIDATION')
})

test('what stands beside one another is not deep, and counts as values', () => {
  expectWithin(`[${'1,'.repeat(LIMITS.values - 1)}1]`)
  expectBeyond(`[${'1,'.repeat(LIMITS.values)}1]`, 'LIMIT_EXCEEDED')
  expectBeyond(`[${'{"a":1},'.repeat(LIMITS.values / 2)}{}]`, 'LIMIT_EXCEEDED')
})

test('the fields of one object are counted, not those of others', () => {
  expectWithin(fields(LIMITS.fields))
  expectBeyond(fields(LIMITS.fields + 1), 'VALIDATION')
  expectWithin(`[${Array.from({ length: 50 }, () => fields(LIMITS.fields)).join()}]`)
})

test('what is in strings does not count, whatever is escaped in them', () => {
  for (const text of [nested(100), '\\', '"', '\\"[[[[', '\\\\[[[[', '{"[', '\u2028[[[[', ','.repeat(100_000), '":'])
    expectWithin(JSON.stringify({ [text]: text.repeat(1000) }))
})

test('two hundred thousand levels, or a string without an end, take no longer', () => {
  expectBeyond(nested(200_000), 'VALIDATION')
  expectWithin(`"${'['.repeat(200_000)}`)
})
