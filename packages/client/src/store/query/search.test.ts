import { expect, test } from 'vitest'
import { taskOf } from '../../testing/task-of.ts'
import { searchMatcher } from './search.ts'

const finds = (search: string, title: string, description: string | null = null): boolean | undefined =>
  searchMatcher(search)?.(taskOf({ title, description }))

test('every word is the beginning of a word in title or description', () => {
  expect(finds('MIL  shake', 'Milk', 'a SHAKE')).toBe(true)
  expect(finds('ilk', 'Milk')).toBe(false)
  expect(finds('ilk', 'Milk ilk')).toBe(true)
  expect(finds('milk', 'Butter\u00admilk')).toBe(true)
  expect(finds('milk', 'a', 'b\nmilk')).toBe(true)
  expect(finds('milk cheese', 'milk')).toBe(false)
})

test('case and accents are ignored, and marks that make another word are not', () => {
  expect(finds('CAFE', 'Café')).toBe(true)
  expect(finds('e\u0301cole', 'Ecole')).toBe(true)
  expect(finds('मि', 'मी')).toBe(false)
})

test('a mark belongs to its word', () => {
  expect(finds('y', 'हिy')).toBe(false)
  expect(finds('x', '\u{10400}x')).toBe(false)
  expect(finds('x', '\u{1f389}x')).toBe(true)
})

test('a symbol matches anywhere, and so does a character of a writing system without spaces', () => {
  expect(finds('%off', '50%off')).toBe(true)
  expect(finds('🎉', 'party🎉!')).toBe(true)
  expect(finds('買う', '牛乳を買うmilk')).toBe(true)
  expect(finds('milk', '牛乳を買うmilk')).toBe(true)
  expect(finds('one', '1\ufe0f\u20e3one')).toBe(true)
  expect(finds('.*', 'anything')).toBe(false)
})

test('a blank search has no condition', () => {
  for (const blank of ['', ' \u3000', '\u0301']) expect(searchMatcher(blank)).toBe(undefined)
})
