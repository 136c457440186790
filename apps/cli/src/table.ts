import { type Screen, type Style, printable } from './screen.ts'
import { cut, widthOf } from './width.ts'

export interface Column<Row> {
  head: string
  value(row: Row): string
  style?(row: Row): Style | undefined
  align?: 'right'
  /** True if the column's cells are cut on a narrow terminal. */
  flexible?: boolean
  /** True if the column is left out on a terminal when all its cells are empty. */
  optional?: boolean
}

const GAP = 2
const MIN_WIDTH = 8

/** Formats rows in aligned columns. On a terminal, but not in a pipe, they are cut to the terminal's width. */
export function formatTable<Row>(
  rows: readonly Row[],
  given: readonly Column<Row>[],
  screen: Pick<Screen, 'paint' | 'isTTY' | 'width'>,
): string {
  const all = given.map((column) => ({ column, cells: rows.map((row) => printable(column.value(row))) }))
  const shown = all.filter(({ column, cells }) => !(screen.isTTY && column.optional && cells.every((c) => c === '')))
  const widths = shown.map(({ column, cells }) =>
    cells.reduce((most, cell) => Math.max(most, widthOf(cell)), widthOf(column.head)),
  )
  if (screen.isTTY) shrink(shown, widths, screen.width)

  const line = (cellOf: (index: number) => string, styleOf: (index: number) => Style | undefined): string =>
    shown
      .map(({ column }, index) => {
        const width = widths[index] ?? 0
        const text = cut(cellOf(index), width)
        const style = styleOf(index)
        const painted = style === undefined || text === '' ? text : screen.paint(style, text)
        const isLast = index === shown.length - 1
        const blanks = ' '.repeat(Math.max(0, width - widthOf(text)))
        if (column.align === 'right') return blanks + painted
        return isLast ? painted : painted + blanks
      })
      .join(' '.repeat(GAP))
      .trimEnd()

  return [
    line(
      (index) => shown[index]?.column.head ?? '',
      () => ['bold'],
    ),
    ...rows.map((row, at) =>
      line(
        (index) => shown[index]?.cells[at] ?? '',
        (index) => shown[index]?.column.style?.(row),
      ),
    ),
  ].join('\n')
}

// Narrows the widest of the flexible columns, step by step.
function shrink(shown: readonly { column: { flexible?: boolean } }[], widths: number[], available: number): void {
  const total = (): number => widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1)
  for (let excess = total() - available; excess > 0; excess--) {
    let widest = -1
    for (const [index, width] of widths.entries())
      if (shown[index]?.column.flexible && width > MIN_WIDTH && width > (widths[widest] ?? 0)) widest = index
    if (widest < 0) return
    widths[widest] = (widths[widest] ?? 0) - 1
  }
}
