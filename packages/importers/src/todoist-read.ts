import type { SourceTask } from './assemble.ts'
import { readDateWords } from './date-words.ts'
import { readStamp, type Stamp, toDue } from './dates.ts'
import { readOwn, reconcile } from './extras.ts'
import { fieldNotes, fit, type Fitted, type TaskNote } from './fields.ts'
import { isObject, parseJson } from './json-objects.ts'
import { continuesSentence } from './phrases.ts'
import { quoteTitle, quote, unixLines } from './text.ts'
import { toCells } from './todoist-write.ts'
import type { Row } from './todoist-csv.ts'
import { dueText } from './todoist-notes.ts'
import type { Account, Due, Priority } from './types.ts'
import { findOffset, findZone } from './zones.ts'

export interface Context {
  account: Account
  list: string | null
  section: Row | null
  /** Rows of type note. */
  comments: Row[]
  parent: Row | null
}

const MAPPED = ['TYPE', 'CONTENT', 'DESCRIPTION', 'PRIORITY', 'INDENT', 'DATE', 'DUE_DATE', 'TIMEZONE', 'TASKWIRE']
// Authors are noted once per file. The languages are not needed after the dates are read.
const IGNORED = ['AUTHOR', 'DATE_LANG', 'DUE_DATE_LANG', 'DEADLINE_LANG']

export function readTask(row: Row, context: Context): SourceTask {
  const own = parseJson(row.cells.get('TASKWIRE') ?? '')
  const section = context.section?.cells.get('CONTENT') ?? ''
  const text = JSON.stringify([section, [...row.cells]])
  if (!isObject(own)) {
    const broken = row.cells.get('TASKWIRE') ?? ''
    const notes: TaskNote[] = broken === '' ? [] : [{ kind: 'unreadable', detail: `TASKWIRE ${quote(broken)}` }]
    const plain = readPlain(row, context, section)
    return { ...plain, notes: [...plain.notes, ...notes], line: row.line, ownId: null, text }
  }
  // In Taskwire's own export sections are lists, and the exact values name them.
  const fitted = reconcile(row, readOwn(own), {
    read: (each) => readPlain(each, context, ''),
    write: (wanted) => ({ ...row, cells: toCells(wanted) }),
  })
  const ownId = typeof own['id'] === 'string' ? own['id'] : null
  return { ...fitted, line: row.line, ownId, text }
}

function readPlain(row: Row, context: Context, section: string): Fitted {
  const notes: TaskNote[] = []
  const { cells } = row
  const { title, labels } = readContent(cells.get('CONTENT') ?? '')
  const fields = {
    title,
    description: cells.has('DESCRIPTION') ? unixLines(cells.get('DESCRIPTION') ?? '') : null,
    priority: readPriority(cells.get('PRIORITY') ?? '', notes),
    tags: section === '' ? labels : [section, ...labels],
    due: readDate(row, context.account, notes),
    list: context.list,
    extras: context.comments.map((comment) => unixLines(comment.cells.get('CONTENT') ?? '')),
    noted: notes.some(({ kind }) => kind === 'due-as-text') ? [`Date: ${dueText(row)}`] : [],
  }
  const parent = context.parent?.cells.get('CONTENT')
  if (parent !== undefined) notes.push({ kind: 'parent', detail: `of ${quoteTitle(parent)}` })
  else if (Number(cells.get('INDENT') ?? 1) !== 1) {
    notes.push({ kind: 'damaged', detail: `INDENT ${quote(cells.get('INDENT') ?? '')}, but no task above` })
  }
  return fit(fields, [...notes, ...unmappedNotes(row)])
}

function unmappedNotes(row: Row): TaskNote[] {
  return [...row.cells].flatMap(([name, value]): TaskNote[] => {
    if (MAPPED.includes(name) || IGNORED.includes(name)) return []
    if (name === 'RESPONSIBLE') return [{ kind: 'people', detail: `${name} ${quote(value)}` }]
    if (name === 'DURATION_UNIT' && !row.cells.has('DURATION')) return []
    if (name === 'DEADLINE' && dueText(row) === '' && readStamp(padDate(value))) return []
    return fieldNotes([[name, value]])
  })
}

/** Labels are words with an @. Labels at the end are removed from the title. */
function readContent(content: string): { title: string; labels: string[] } {
  const pieces = content.trimEnd().split(/(\s+)/u)
  const labels = pieces.filter(isLabel).map((label) => label.slice(1))
  const last = pieces.findLastIndex((piece) => piece.trim() !== '' && !isLabel(piece))
  if (last < 0) return { title: content, labels }
  // Every second piece is white space.
  const end = continuesSentence(pieces[last] ?? '') ? last + 2 : last
  return { title: pieces.slice(0, end + 1).join(''), labels }
}

function isLabel(word: string): boolean {
  return /^@\S/u.test(word)
}

function readPriority(text: string, notes: TaskNote[]): Priority {
  const level = /^p?([1-4])$/iu.exec(text.trim())?.[1]
  if (level === undefined && text !== '') {
    notes.push({ kind: 'unreadable', about: 'priority', detail: `PRIORITY ${quote(text)} is not 1 to 4` })
  }
  return (['urgent', 'high', 'medium'] as const)[Number(level ?? 4) - 1] ?? 'none'
}

function readDate(row: Row, account: Account, notes: TaskNote[]): Due {
  const text = dueText(row)
  if (text === '') return readDeadline(row, notes)
  const stamp = readStamp(padDate(text))
  if (!stamp) return readWords(text, row, account, notes)
  if (stamp.seconds !== '00') notes.push({ kind: 'due-time', about: 'due', detail: quote(text) })
  return resolveDue(stamp, row, account, notes)
}

/** A time without an offset is in the row's TIMEZONE, or else in the account's zone. */
function resolveDue(stamp: Stamp, row: Row, { timeZone }: Account, notes: TaskNote[]): Due {
  const name = row.cells.get('TIMEZONE') ?? ''
  const found = findZone(name)
  if (stamp.time === null || stamp.offset !== null || found === name) return toDue(stamp, found ?? timeZone)
  const offset = findOffset(name)
  const shown = `${stamp.date} ${stamp.time} ${quote(name)}`
  if (found !== null) notes.push({ kind: 'zone', about: 'due', detail: `${quote(name)} is read as ${found}` })
  else if (offset !== null)
    notes.push({ kind: 'zone-converted', about: 'due', detail: `${shown} was converted to ${timeZone}` })
  else if (name !== '') notes.push({ kind: 'zone-unknown', about: 'due', detail: `${shown} is read in ${timeZone}` })
  else
    notes.push({ kind: 'floating', about: 'due', detail: `${stamp.date} ${stamp.time} is read in ${timeZone}, yours` })
  return toDue({ ...stamp, offset: found === null ? offset : null }, found ?? timeZone)
}

/** Reads dates in words, in English only. */
function readWords(text: string, row: Row, account: Account, notes: TaskNote[]): Due {
  if (/\b(?:every|ev|daily|weekly|monthly|quarterly|yearly|after)\b/iu.test(text)) {
    notes.push({ kind: 'recurrence', about: 'due', detail: quote(text) })
    return null
  }
  const language = row.cells.get('DATE_LANG') ?? row.cells.get('DUE_DATE_LANG') ?? 'en'
  const read = /^en\b/iu.test(language) ? readDateWords(text, account) : null
  if (read === null) {
    notes.push({ kind: 'due-as-text', about: 'due', detail: quote(text) })
    return null
  }
  const { date, time } = read
  notes.push({
    kind: 'relative-date',
    about: 'due',
    detail: `${quote(text)} is ${date}${time === null ? '' : ` ${time}`}`,
  })
  if (time === null) return { date }
  return { date, time, timeZone: findZone(row.cells.get('TIMEZONE') ?? '') ?? account.timeZone }
}

function readDeadline(row: Row, notes: TaskNote[]): Due {
  const text = row.cells.get('DEADLINE') ?? ''
  const stamp = readStamp(padDate(text))
  if (!stamp) return null
  notes.push({ kind: 'deadline', about: 'due', detail: `DEADLINE ${quote(text)}` })
  return { date: stamp.date }
}

/** Returns `2025-10-04 09:30` for `2025-10-4 9:30`. */
function padDate(text: string): string {
  const match = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:(?:T|\s+(?:at\s+)?)(\d{1,2}):(.+))?$/u.exec(text.trim())
  if (!match) return text
  const [, year, month = '', day = '', hour, rest] = match
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return hour === undefined ? date : `${date} ${hour.padStart(2, '0')}:${rest}`
}
