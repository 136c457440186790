/**
 * Todoist CSV: a project as Todoist exports it, or a template made by hand.
 *
 * - The file is one project: its name without the ending is the list (`Inbox` is the inbox). A
 *   section is a tag, as a list has no parts here. Labels (`@label`) are tags; those at the end go
 *   out of the title, those within it stay there too. Markdown stays as it is.
 * - Priority 1, the highest, is urgent; 2 high, 3 medium, 4 none.
 * - Dates such as 2025-10-4 are kept, words such as "every 4 weeks" are noted. A deadline is the
 *   due date of a task that has no date.
 * - Comments (rows of type note) go into the description of their task; sub-tasks become tasks.
 * - A column of our own, TASKWIRE, holds what the others cannot say, in JSON.
 */
import { assemble } from './assemble.ts'
import type { SourceTask } from './assemble.ts'
import { readRows } from './todoist-csv.ts'
import type { Row } from './todoist-csv.ts'
import { rowName, sharedNotes, typeOf } from './todoist-notes.ts'
import { readTask } from './todoist-read.ts'
import { quote } from './text.ts'
import type { Imported, ImportInput, Note } from './types.ts'

export { exportTodoist } from './todoist-write.ts'

interface Place {
  section: Row | null
  /** True until a task of the section has come. */
  empty: boolean
}

export function importTodoist(input: ImportInput): Imported {
  const { rows, notes } = readRows(input.text)
  const list = listOf(input.fileName)
  const tasks: SourceTask[] = []
  const place: Place = { section: null, empty: false }
  const parents: Row[] = []
  for (const [index, row] of rows.entries()) {
    const type = typeOf(row)
    if (type === 'task') {
      place.empty = false
      const comments = commentsAfter(rows, index)
      notes.push(...comments.flatMap((comment) => otherCells(comment)))
      const indent = Number(row.cells.get('INDENT')) || 1
      parents.splice(Math.max(indent - 1, 0))
      const parent = indent > 1 ? (parents.at(-1) ?? null) : null
      parents.push(row)
      const context = { list, section: place.section, comments, parent }
      tasks.push(readTask(row, context))
    } else if (type === 'section') {
      notes.push(...endSection(place), ...otherCells(row))
      Object.assign(place, { section: row, empty: true })
      parents.length = 0
    } else if (type !== 'note' || !isComment(rows, index)) {
      notes.push({ line: row.line, message: `${rowName(row)} is no task: left out` })
    }
  }
  notes.push(...endSection(place), ...sharedNotes(rows))
  return assemble({ format: 'todoist', fileName: input.fileName }, tasks, notes)
}

/** `Home [2203306141].csv`, as in Todoist's backups, is the project Home. */
function listOf(fileName: string): string | null {
  const base = fileName.split(/[/\\]/u).at(-1) ?? ''
  const name = base.replace(/\.[a-z]+$/iu, '').replace(/\s*\[\w+\]$/u, '')
  return name === 'Inbox' || name === '' ? null : name
}

/** The rows of type note right after a task are its comments. */
function commentsAfter(rows: Row[], task: number): Row[] {
  const comments: Row[] = []
  for (let at = task + 1; ; at += 1) {
    const row = rows[at]
    if (row === undefined || typeOf(row) !== 'note') return comments
    comments.push(row)
  }
}

function isComment(rows: Row[], index: number): boolean {
  const above = rows.findLast((row, at) => at < index && typeOf(row) !== 'note')
  return above !== undefined && typeOf(above) === 'task'
}

function endSection({ section, empty }: Place): Note[] {
  if (section === null || !empty) return []
  return [{ line: section.line, message: `${rowName(section)} has no tasks: not kept` }]
}

/** What a section or a comment says beyond its text. */
function otherCells(row: Row): Note[] {
  const others = [...row.cells].filter(([name]) => !['TYPE', 'CONTENT'].includes(name))
  if (others.length === 0) return []
  const named = others.map(([name, value]) => `${name} ${quote(value)}`).join(', ')
  return [{ line: row.line, message: `${rowName(row)}: not kept: ${named}` }]
}
