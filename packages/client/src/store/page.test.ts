import { expect, test } from 'vitest'
import { taskOf } from '../testing/task-of.ts'
import { addPage, pagesOf } from './page.ts'
import { emptyRows } from './rows.ts'

const rowsOf = (count: number): Map<string, ReturnType<typeof taskOf>> =>
  new Map(Array.from({ length: count }, (_, nr) => `id ${5000 - nr}`).map((id) => [id, taskOf({ id })]))

test('a page begins where it began, and is split when it has more than twice as many rows as a new one', () => {
  expect(pagesOf(new Map(), 'id 1')).toEqual([{ start: 'id 1', text: '[]' }])
  expect(pagesOf(rowsOf(800), '').map(({ start }) => start)).toEqual([''])
  expect(pagesOf(rowsOf(801), '').map(({ start }) => start)).toEqual(['', 'id 4600', 'id 5000'])
})

test('the pages have all rows, in the order of their ids', () => {
  const rows = emptyRows()
  for (const { text } of pagesOf(rowsOf(1000), '')) addPage(rows, 'task', text)
  expect([...rows.task.values()]).toEqual([...rowsOf(1000).values()].toReversed())
})
