import { createNote, type Note } from './notes.ts'
import { counted, quote } from './text.ts'
import type { Row } from './todoist-csv.ts'

export function dueText(row: Row): string {
  return row.cells.get('DATE') ?? row.cells.get('DUE_DATE') ?? ''
}

/** Notes each author once, because a file names the author of every task. */
export function authorNotes(rows: Row[]): Note[] {
  const named = rows.filter((row) => row.cells.has('AUTHOR') && !row.cells.has('TASKWIRE'))
  return [...Map.groupBy(named, (row) => row.cells.get('AUTHOR') ?? '')].map(([author, group]) => {
    const detail = `AUTHOR ${quote(author)} of ${counted(group.length, 'row')}`
    return createNote('people', { line: group[0]?.line ?? 1, detail })
  })
}

/** Returns the type of a row. Todoist knows `task`, `section` and `note`. */
export function typeOf(row: Row): string {
  return row.cells.get('TYPE')?.trim().toLowerCase() ?? ''
}

export function rowName(row: Row): string {
  const type = row.cells.get('TYPE') ?? 'row'
  const others = [...row.cells].filter(([name]) => name !== 'TYPE').map(([, value]) => value)
  return `${type} ${quote(row.cells.get('CONTENT') ?? others.join(' '))}`
}
