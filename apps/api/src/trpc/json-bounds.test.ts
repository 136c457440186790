import { LIMITS } from '@taskwire/contract'
import { expect, test } from 'vitest'
import { requireBounds } from './json-bounds.ts'

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const expectWithin = (text: string): void => expect(() => requireBounds(text)).not.toThrow()
const expectExceeded = (text: string, appCode: string): void =>
  expect(() => requireBounds(text)).toThrow(expect.objectContaining({ appCode }))
const fields = (count: number): string =>
  `{${Array.from({ length: count }, (_, nr) => `"${nr}":{"a":1,"b":[2]}`).join()}}`

test('levels of objects and of arrays count alike', () => {
  expectWithin(nested(LIMITS.depth))
  expectExceeded(nested(LIMITS.depth + 1), 'VALIDATION')
  const mixed = (inner: string): string => '{"a":['.repeat(LIMITS.depth / 2) + inner + ']}'.repeat(LIMITS.depth / 2)
  expectWithin(mixed('1'))
  expectExceeded(mixed('{}'), 'VALIDATION')
})

test('unmatched closing brackets do not allow deeper nesting', () => {
  expectExceeded(']'.repeat(100) + nested(LIMITS.depth + 1), 'VALIDATION')
})

test('siblings are not nested, and count as values', () => {
  expectWithin(`[${'1,'.repeat(LIMITS.values - 1)}1]`)
  expectExceeded(`[${'1,'.repeat(LIMITS.values)}1]`, 'LIMIT_EXCEEDED')
  expectExceeded(`[${'{"a":1},'.repeat(LIMITS.values / 2)}{}]`, 'LIMIT_EXCEEDED')
})

test('fields are counted for each object', () => {
  expectWithin(fields(LIMITS.fields))
  expectExceeded(fields(LIMITS.fields + 1), 'VALIDATION')
  expectWithin(`[${Array.from({ length: 50 }, () => fields(LIMITS.fields)).join()}]`)
})

test('the contents of strings do not count, with any escapes', () => {
  for (const text of [nested(100), '\\', '"', '\\"[[[[', '\\\\[[[[', '{"[', '\u2028[[[[', ','.repeat(100_000), '":'])
    expectWithin(JSON.stringify({ [text]: text.repeat(1000) }))
})

test('200,000 levels are refused, and an unterminated string is read to its end', () => {
  expectExceeded(nested(200_000), 'VALIDATION')
  expectWithin(`"${'['.repeat(200_000)}`)
})
