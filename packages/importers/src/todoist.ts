/**
 * Todoist CSV: a project as Todoist exports it, or a template made by hand.
 *
 * - The file is one project: its name without the ending is the list (`Inbox` is the inbox). A
 *   section is a tag, as a list has no parts here. Labels (`@label`) are tags; those at the end go
 *   out of the title, those within it stay there too. Markdown stays as it is.
 * - Priority 1, the highest, is urgent; 2 high, 3 medium, 4 none.
 * - Dates such as 2025-10-4 are kept, and English ones such as "tomorrow" are those of the day of
 *   the import. Words that are not understood go into the description; "every 4 weeks" is noted. A
 *   deadline is the due date of a task that has no date.
 * - Comments (rows of type note) go into the description of their task; sub-tasks become tasks.
 * - A column of our own, TASKWIRE, holds what the others cannot say, in JSON.
 */
import { assemble } from './assemble.ts'
import type { SourceTask } from './assemble.ts'
import { readRows } from './todoist-csv.ts'
import type { Row } from './todoist-csv.ts'
import { authorNotes, rowName, typeOf } from './todoist-notes.ts'
import { readTask } from './todoist-read.ts'
import { note } from './notes.ts'
import type { Note } from './notes.ts'
import { quote } from './text.ts'
import type { Imported, ImportInput } from './types.ts'

export { exportTodoist } from './todoist-write.ts'

interface Place {
  section: Row | null
  /** True until a task of the section has come. */
  isNew: boolean
}

export function importTodoist(input: ImportInput): Imported {
  const { rows, notes } = readRows(input.text)
  const list = listOf(input.fileName)
  const tasks: SourceTask[] = []
  const place: Place = { section: null, isNew: false }
  const parents: Row[] = []
  let isAfterTask = false
  for (const [index, row] of rows.entries()) {
    const type = typeOf(row)
    if (type === 'task') {
      notes.push(...useSection(place, row))
      const comments = commentsAfter(rows, index)
      for (const each of comments.flatMap(otherCells)) notes.push(each)
      const indent = Number(row.cells.get('INDENT')) || 1
      parents.splice(Math.max(indent - 1, 0))
      const parent = indent > 1 ? (parents.at(-1) ?? null) : null
      parents.push(row)
      tasks.push(readTask(row, { account: input, list, section: place.section, comments, parent }))
    } else if (type === 'section') {
      for (const each of [...endSection(place), ...otherCells(row)]) notes.push(each)
      Object.assign(place, { section: row, isNew: true })
      parents.length = 0
    } else if (type !== 'note' || !isAfterTask) {
      notes.push(note('left-out', { line: row.line, detail: rowName(row) }))
    }
    isAfterTask = type === 'task' || (type === 'note' && isAfterTask)
  }
  const all = [...notes, ...endSection(place), ...authorNotes(rows)]
  return assemble({ format: 'todoist', fileName: input.fileName }, tasks, all)
}

/** The first task of a section makes it a tag; the sections of our own export are lists. */
function useSection(place: Place, task: Row): Note[] {
  const { section, isNew } = place
  place.isNew = false
  if (section === null || !isNew || task.cells.has('TASKWIRE')) return []
  return [note('section', { line: section.line, detail: rowName(section) })]
}

function endSection({ section, isNew }: Place): Note[] {
  return section !== null && isNew ? [note('empty-list', { line: section.line, detail: rowName(section) })] : []
}

/** `Home [2203306141].csv`, as in Todoist's backups, is the project Home. */
function listOf(fileName: string): string | null {
  const base = fileName.split(/[/\\]/u).at(-1) ?? ''
  const name = base.replace(/\.[a-z]+$/iu, '').replace(/\s*\[\w+\]$/u, '')
  return name === '' ? null : name
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

/** What a section or a comment says beyond its text. */
function otherCells(row: Row): Note[] {
  const silent = ['TYPE', 'CONTENT', 'AUTHOR', 'PRIORITY', 'INDENT', 'DATE_LANG', 'TIMEZONE', 'DURATION_UNIT']
  return [...row.cells]
    .filter(([name]) => !silent.includes(name))
    .map(([name, value]) => note('field', { line: row.line, detail: `${rowName(row)}: ${name} ${quote(value)}` }))
}
