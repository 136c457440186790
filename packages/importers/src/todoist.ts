/**
 * Todoist CSV: a project exported by Todoist, or a template written by hand.
 *
 * - The file is one project: its name without the extension is the list (`Inbox` is the inbox). A section becomes a
 *   tag, because lists have no sections here. Labels (`@label`) become tags. Labels at the end of the title are removed
 *   from it; labels within the title stay there too. Markdown is kept unchanged.
 * - Priority 1, the highest, is urgent; 2 is high, 3 medium, 4 none.
 * - Dates such as 2025-10-4 are kept. English words such as "tomorrow" count from the day of the import. Other words go
 *   into the description; a rule such as "every 4 weeks" is only noted. If a task has no date, its deadline becomes the
 *   due date.
 * - Comments (rows of type note) go into the description of their task. Sub-tasks become tasks.
 * - The column TASKWIRE has, as JSON, the values that the other columns cannot express.
 */
import { assemble, type SourceTask } from './assemble.ts'
import { readRows, type Row } from './todoist-csv.ts'
import { authorNotes, rowName, typeOf } from './todoist-notes.ts'
import { readTask } from './todoist-read.ts'
import { createNote, type Note } from './notes.ts'
import { quote } from './text.ts'
import type { Imported, ImportInput } from './types.ts'

export { exportTodoist } from './todoist-write.ts'

interface CurrentSection {
  section: Row | null
  /** True until the first task of the section. */
  isNew: boolean
}

export function importTodoist(input: ImportInput): Imported {
  const { rows, notes } = readRows(input.text)
  const list = listOf(input.fileName)
  const tasks: SourceTask[] = []
  const current: CurrentSection = { section: null, isNew: false }
  const parents: Row[] = []
  let isAfterTask = false
  for (const [index, row] of rows.entries()) {
    const type = typeOf(row)
    if (type === 'task') {
      notes.push(...useSection(current, row))
      const comments = commentsAfter(rows, index)
      for (const each of comments.flatMap(otherCellNotes)) notes.push(each)
      const indent = Number(row.cells.get('INDENT')) || 1
      parents.splice(Math.max(indent - 1, 0))
      const parent = indent > 1 ? (parents.at(-1) ?? null) : null
      parents.push(row)
      tasks.push(readTask(row, { account: input, list, section: current.section, comments, parent }))
    } else if (type === 'section') {
      for (const each of [...endSection(current), ...otherCellNotes(row)]) notes.push(each)
      Object.assign(current, { section: row, isNew: true })
      parents.length = 0
    } else if (type !== 'note' || !isAfterTask) {
      notes.push(createNote('left-out', { line: row.line, detail: rowName(row) }))
    }
    isAfterTask = type === 'task' || (type === 'note' && isAfterTask)
  }
  const all = [...notes, ...endSection(current), ...authorNotes(rows)]
  return assemble({ format: 'todoist', fileName: input.fileName }, tasks, all)
}

/**
 * At the first task of a section, notes that the section became a tag. In Taskwire's own export, sections are lists.
 */
function useSection(current: CurrentSection, task: Row): Note[] {
  const { section, isNew } = current
  current.isNew = false
  if (section === null || !isNew || task.cells.has('TASKWIRE')) return []
  return [createNote('section', { line: section.line, detail: rowName(section) })]
}

function endSection({ section, isNew }: CurrentSection): Note[] {
  return section !== null && isNew ? [createNote('empty-list', { line: section.line, detail: rowName(section) })] : []
}

/** Todoist's backups are named `Home [2203306141].csv` for the project Home. */
function listOf(fileName: string): string | null {
  const base = fileName.split(/[/\\]/u).at(-1) ?? ''
  const name = base.replace(/\.[a-z]+$/iu, '').replace(/\s*\[\w+\]$/u, '')
  return name === '' ? null : name
}

/** Returns the comments of a task: the rows of type note right after it. */
function commentsAfter(rows: Row[], task: number): Row[] {
  const comments: Row[] = []
  for (let at = task + 1; ; at += 1) {
    const row = rows[at]
    if (row === undefined || typeOf(row) !== 'note') return comments
    comments.push(row)
  }
}

/** Notes the other cells of a section or comment. */
function otherCellNotes(row: Row): Note[] {
  const silent = ['TYPE', 'CONTENT', 'AUTHOR', 'PRIORITY', 'INDENT', 'DATE_LANG', 'TIMEZONE', 'DURATION_UNIT']
  return [...row.cells]
    .filter(([name]) => !silent.includes(name))
    .map(([name, value]) => createNote('field', { line: row.line, detail: `${rowName(row)}: ${name} ${quote(value)}` }))
}
