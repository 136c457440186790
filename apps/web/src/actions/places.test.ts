import type { Task } from '@taskwire/client'
import { expect, test } from 'vitest'
import { afterDrop, afterEachOther, afterStep, placesIn } from './places.ts'

/** Tasks of the inbox; only what is read. */
const tasks = (ids: string): Task[] => [...ids].map((id) => ({ id, listId: null }) as Task)

/** Does what the store does for each move: takes the task out, and puts it in after the other. */
function moved(order: string, moves: Iterable<[id: string, after: string | null]>): string {
  let ids = [...order]
  for (const [id, after] of moves) {
    ids = ids.filter((other) => other !== id)
    ids.splice(after === null ? 0 : ids.indexOf(after) + 1, 0, id)
  }
  return ids.join('')
}
const place = (order: string, some: string, after: string | null): string =>
  moved(order, afterEachOther(tasks(some), after))

test.each([
  ['bc', 'd'],
  ['ab', 'e'],
  ['ace', null],
  ['de', null],
  ['ca', 'e'],
])('after %s was placed after %s, it can be put back', (some, after) => {
  const order = 'abcde'
  const places = placesIn(tasks(order), tasks(some))
  const now = place(order, some, after)
  expect(now).not.toBe(order)
  const back = places.map(({ id, after: was }): [string, string | null] => [id, was])
  expect(moved(now, back)).toBe(order)
})

test.each([
  ['c', -1, 'acbde'],
  ['c', 1, 'abdce'],
  ['b', -1, 'bacde'],
  ['bd', -1, 'bdace'],
  ['bd', 1, 'acebd'],
] as const)('%s moved by %s gives %s', (some, steps, expected) => {
  const after = afterStep(tasks('abcde'), tasks(some), steps)
  expect(after === undefined ? undefined : place('abcde', some, after)).toBe(expected)
})

test('nothing moves beyond an end, or in a list where it is not', () => {
  expect(afterStep(tasks('abc'), tasks('a'), -1)).toBeUndefined()
  expect(afterStep(tasks('abc'), tasks('bc'), 1)).toBeUndefined()
  expect(afterStep(tasks('abc'), tasks('ax'), 1)).toBeUndefined()
  expect(afterStep(tasks('abc'), [], 1)).toBeUndefined()
})

test.each([
  ['a', 'c', 'top', 'bacde'],
  ['a', 'c', 'bottom', 'bcade'],
  ['e', 'a', 'top', 'eabcd'],
  ['bc', 'c', 'bottom', 'abcde'],
  ['ae', 'c', 'top', 'baecd'],
  ['ab', 'a', 'top', 'abcde'],
  ['b', 'b', 'bottom', 'abcde'],
] as const)('%s dropped on %s at its %s gives %s', (some, over, edge, expected) => {
  const after = afterDrop(tasks('abcde'), tasks(some), over, edge)
  expect(after === undefined ? undefined : place('abcde', some, after)).toBe(expected)
})

test('nothing is dropped beside a task that has left the list', () => {
  expect(afterDrop(tasks('abc'), tasks('a'), 'x', 'top')).toBeUndefined()
})
