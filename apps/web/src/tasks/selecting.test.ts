import { expect, test } from 'vitest'
import { NONE, select, type Selected } from './selecting.ts'

const IDS = ['a', 'b', 'c', 'd']
/** Selects one after the other, such as `only b`. */
function after(...steps: ['only' | 'toggle' | 'extend', string][]): string {
  const end = steps.reduce<Selected>((old, [how, id]) => select(old, IDS, id, how), NONE)
  return [...end.ids].join('')
}

test('a row extends the selection from the last row that was chosen alone', () => {
  expect(after(['only', 'b'], ['extend', 'd'])).toBe('bcd')
  expect(after(['only', 'd'], ['only', 'c'], ['extend', 'b'])).toBe('bc')
  expect(after(['toggle', 'd'], ['toggle', 'b'], ['extend', 'a'])).toBe('ab')
  expect(after(['toggle', 'd'], ['toggle', 'd'])).toBe('')
})

test('without such a row, or after it has left the list, the selection begins at the clicked row', () => {
  expect(after(['extend', 'c'])).toBe('c')
  expect(after(['only', 'gone'], ['extend', 'c'], ['extend', 'd'])).toBe('cd')
})
