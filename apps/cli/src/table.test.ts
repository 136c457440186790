import { expect, test } from 'vitest'
import { type Column, formatTable } from './table.ts'
import { widthOf } from './width.ts'

interface Row {
  id: string
  title: string
  due: string
  count: number
}
const columns: Column<Row>[] = [
  { head: 'ID', value: ({ id }) => id, style: () => 'cyan' },
  { head: 'TITLE', value: ({ title }) => title, flexible: true },
  { head: 'DUE', value: ({ due }) => due, optional: true },
  { head: 'COUNT', value: ({ count }) => String(count), align: 'right' },
]
const rows: Row[] = [
  { id: 'a1', title: 'Buy milk', due: '', count: 5 },
  { id: 'b22', title: '日本語のとても長いタイトルがここにあります', due: '', count: 1234 },
  { id: 'c', title: 'A title that is longer than there is room for\u001b[31m', due: '', count: 12 },
]
const paint = (style: unknown, text: string): string => `<${String(style)}>${text}`
const plain = (_style: unknown, text: string): string => text

test('in a pipe all columns are complete, aligned by display width, without colours', () => {
  expect(formatTable(rows, columns, { paint: plain, isTTY: false, width: 40 }).split('\n')).toEqual([
    'ID   TITLE                                               DUE  COUNT',
    'a1   Buy milk                                                     5',
    'b22  日本語のとても長いタイトルがここにあります                1234',
    'c    A title that is longer than there is room for␛[31m          12',
  ])
})

test('on a terminal cells are cut to its width, and empty columns are left out', () => {
  const lines = formatTable(rows, columns, { paint: plain, isTTY: true, width: 40 }).split('\n')
  expect(lines).toEqual([
    'ID   TITLE                         COUNT',
    'a1   Buy milk                          5',
    'b22  日本語のとても長いタイトル…    1234',
    'c    A title that is longer than…     12',
  ])
  expect(Math.max(...lines.map(widthOf))).toBe(40)
})

test('a very narrow terminal keeps the minimum width of each column', () => {
  const lines = formatTable(rows, columns, { paint: plain, isTTY: true, width: 5 }).split('\n')
  expect(lines[3]).toBe('c    A title…     12')
})

test('colours do not count as width', () => {
  const [, line] = formatTable(rows, columns, { paint, isTTY: true, width: 60 }).split('\n')
  expect(line).toMatch(/^<cyan>a1 {3}Buy milk {2,}5$/u)
})

test('an empty table is only a head', () => {
  expect(formatTable([], columns, { paint: plain, isTTY: false, width: 40 })).toBe('ID  TITLE  DUE  COUNT')
})
