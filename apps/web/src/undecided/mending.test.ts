import { expect, test } from 'vitest'
import { problemOf } from './mending.ts'

test.each<[field: string, value: unknown, problem: string | undefined]>([
  ['title', '🥛'.repeat(200), undefined],
  ['title', '🥛'.repeat(202), '2 characters too long'],
  ['title', '  ', 'It cannot be empty'],
  ['description', '', undefined],
  ['name', 'a'.repeat(101), '1 character too long'],
  ['tags', Array.from({ length: 12 }, (_, index) => `tag${index}`), '2 tags too many'],
  ['tags', ['a'.repeat(51)], 'A tag is too long'],
  ['due', null, undefined],
])('of the field %s, %j has the problem %s', (field, value, problem) => {
  expect(problemOf(field, value)).toBe(problem)
})
