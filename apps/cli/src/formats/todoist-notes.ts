import { quote } from './text.ts'
import type { Row } from './todoist-csv.ts'
import type { Note } from './types.ts'

/** Columns that say the same in row after row: one note for each value, not one for each task. */
const SHARED = ['AUTHOR', 'DATE_LANG', 'DUE_DATE_LANG', 'DEADLINE_LANG', 'TIMEZONE', 'DURATION_UNIT']

export function isShared(column: string, row: Row): boolean {
  if (column === 'TIMEZONE') return !isTimed(row)
  if (column === 'DURATION_UNIT') return !row.cells.has('DURATION')
  return SHARED.includes(column)
}

/** True where the date has a time of day, so that the zone counts. */
export function isTimed(row: Row): boolean {
  return /^\d{4}\D\d{1,2}\D\d{1,2}[T ]+\d/u.test(dateOf(row))
}

export function dateOf(row: Row): string {
  return row.cells.get('DATE') ?? row.cells.get('DUE_DATE') ?? ''
}

export function sharedNotes(rows: Row[]): Note[] {
  const lines = new Map<string, number[]>()
  for (const row of rows) {
    if (typeOf(row) !== 'task' || row.cells.has('TASKWIRE')) continue
    for (const [column, value] of row.cells) {
      if (!isShared(column, row)) continue
      const key = `${column} ${quote(value)}`
      const at = lines.get(key)
      if (at) at.push(row.line)
      else lines.set(key, [row.line])
    }
  }
  return [...lines].map(([key, at]) => {
    const where = at.length === 1 ? '' : ` (${at.length} tasks, lines ${ranges(at)})`
    return { line: at[0] ?? 1, message: `${key} not kept: the service has no such field${where}` }
  })
}

function ranges(lines: number[]): string {
  const spans: [number, number][] = []
  for (const line of lines) {
    const last = spans.at(-1)
    if (last && last[1] === line - 1) last[1] = line
    else spans.push([line, line])
  }
  return spans.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')
}

/** `task`, `section` or `note`; anything else is no row of Todoist's. */
export function typeOf(row: Row): string {
  return row.cells.get('TYPE')?.trim().toLowerCase() ?? ''
}

export function rowName(row: Row): string {
  const type = row.cells.get('TYPE') ?? 'row'
  const others = [...row.cells].filter(([name]) => name !== 'TYPE').map(([, value]) => value)
  return `${type} ${quote(row.cells.get('CONTENT') ?? others.join(' '))}`
}
