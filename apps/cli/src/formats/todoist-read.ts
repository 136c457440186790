import type { SourceTask } from './assemble.ts'
import { readStamp, utcDue } from './dates.ts'
import { readOwn, reconcile } from './extras.ts'
import { fit, notKept } from './fields.ts'
import type { Fitted, TaskNote } from './fields.ts'
import { isObject, parseJson } from './json-objects.ts'
import { labelOf, quote, unixLines } from './text.ts'
import { toCells } from './todoist-cells.ts'
import type { Row } from './todoist-csv.ts'
import { dateOf, isShared, isTimed } from './todoist-notes.ts'
import type { Due, Priority } from './types.ts'
import { findZone, isZone } from './zones.ts'

export interface Context {
  list: string | null
  section: Row | null
  /** Rows of type note. */
  comments: Row[]
  parent: Row | null
}

const HELD = ['TYPE', 'CONTENT', 'DESCRIPTION', 'PRIORITY', 'INDENT', 'DATE', 'DUE_DATE', 'TASKWIRE']

export function readTask(row: Row, context: Context): SourceTask {
  const own = parseJson(row.cells.get('TASKWIRE') ?? '')
  const section = context.section?.cells.get('CONTENT') ?? ''
  const text = JSON.stringify([section, [...row.cells]])
  if (!isObject(own)) {
    const broken = row.cells.get('TASKWIRE') ?? ''
    const notes = broken === '' ? [] : [{ message: `TASKWIRE ${quote(broken)} cannot be read: left out` }]
    const plain = readPlain(row, context, section)
    return { ...plain, notes: [...plain.notes, ...notes], line: row.line, ownId: null, text }
  }
  // Our own export: its sections are lists, which the exact values name.
  const { exact, notes: ownNotes } = readOwn(own)
  const { fields, notes } = reconcile(
    readPlain(row, context, ''),
    exact,
    (wanted) => readPlain({ ...row, cells: toCells(wanted) }, context, '').fields,
  )
  notes.push(...ownNotes)
  const ownId = typeof own['id'] === 'string' ? own['id'] : null
  return { fields, notes, line: row.line, ownId, text }
}

function readPlain(row: Row, context: Context, section: string): Fitted {
  const notes: TaskNote[] = []
  const { cells } = row
  const { title, labels } = readContent(cells.get('CONTENT') ?? '')
  const fields = {
    title,
    description: cells.has('DESCRIPTION') ? unixLines(cells.get('DESCRIPTION') ?? '') : null,
    complete: false,
    priority: readPriority(cells.get('PRIORITY') ?? '', notes),
    tags: section === '' ? labels : [section, ...labels],
    due: readDate(row, notes),
    list: context.list,
    extras: context.comments.map((comment) => unixLines(comment.cells.get('CONTENT') ?? '')),
  }
  const parent = context.parent?.cells.get('CONTENT')
  if (parent !== undefined) {
    notes.push({ message: `sub-task of ${labelOf(parent)}: the service has no sub-tasks` })
  } else if (Number(cells.get('INDENT') ?? 1) !== 1) {
    notes.push({ message: `INDENT ${quote(cells.get('INDENT') ?? '')} not kept: no task above it` })
  }
  const others = [...cells].filter(([name]) => !HELD.includes(name) && !isShared(name, row) && !isUsed(name, row))
  notes.push(...notKept(others))
  return fit(fields, notes)
}

function isUsed(column: string, row: Row): boolean {
  if (column === 'TIMEZONE') return isTimed(row)
  return column === 'DEADLINE' && dateOf(row) === '' && readStamp(padDate(deadlineOf(row))) !== null
}

function deadlineOf(row: Row): string {
  return row.cells.get('DEADLINE') ?? ''
}

/** Labels are words with an @; the run of them at the end is no part of the title. */
function readContent(content: string): { title: string; labels: string[] } {
  const pieces = content.trimEnd().split(/(\s+)/u)
  const labels = pieces.filter(isLabel).map((label) => label.slice(1))
  const last = pieces.findLastIndex((piece) => piece.trim() !== '' && !isLabel(piece))
  return { title: last < 0 ? content : pieces.slice(0, last + 1).join(''), labels }
}

function isLabel(word: string): boolean {
  return /^@\S/u.test(word)
}

function readPriority(text: string, notes: TaskNote[]): Priority {
  const level = /^p?([1-4])$/iu.exec(text.trim())?.[1]
  if (level === undefined && text !== '') {
    notes.push({ about: 'priority', message: `PRIORITY ${quote(text)} not kept: it is none of 1 to 4` })
  }
  return (['urgent', 'high', 'medium'] as const)[Number(level ?? 4) - 1] ?? 'none'
}

function readDate(row: Row, notes: TaskNote[]): Due {
  const text = dateOf(row)
  const name = row.cells.has('DATE') ? 'DATE' : 'DUE_DATE'
  if (text === '') return readDeadline(row, notes)
  const stamp = readStamp(padDate(text))
  if (!stamp) {
    notes.push({ about: 'due', message: `${name} ${quote(text)} not kept: ${reasonOf(text)}` })
    return null
  }
  if (stamp.seconds !== '00') {
    notes.push({ about: 'due', message: `${name} ${quote(text)}: the seconds are not kept` })
  }
  if (stamp.time === null || stamp.offset !== null) return utcDue(stamp)
  const zone = row.cells.get('TIMEZONE') ?? ''
  const timeZone = findZone(zone) ?? 'UTC'
  if (!isZone(zone)) {
    const said = zone === '' ? 'has no TIMEZONE' : `TIMEZONE ${quote(zone)}`
    notes.push({ about: 'due', message: `${name} ${quote(text)}, ${said}: taken as ${timeZone}` })
  }
  return { date: stamp.date, time: stamp.time, timeZone }
}

function reasonOf(text: string): string {
  if (/\b(?:every|daily|weekly|monthly|yearly)\b/iu.test(text)) return 'the service has no repeating tasks'
  return /^\d{4}\D\d/u.test(text) ? 'there is no such date' : 'only dates such as 2026-01-31 are read'
}

function readDeadline(row: Row, notes: TaskNote[]): Due {
  const text = deadlineOf(row)
  const stamp = readStamp(padDate(text))
  if (!stamp) return null
  notes.push({ about: 'due', message: `DEADLINE ${quote(text)} became the due date` })
  return { date: stamp.date }
}

/** `2025-10-4 9:30` as `2025-10-04 09:30`. */
function padDate(text: string): string {
  const match = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:(?:T|\s+(?:at\s+)?)(\d{1,2}):(.+))?$/u.exec(text.trim())
  if (!match) return text
  const [, year, month = '', day = '', hour, rest] = match
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return hour === undefined ? date : `${date} ${hour.padStart(2, '0')}:${rest}`
}
