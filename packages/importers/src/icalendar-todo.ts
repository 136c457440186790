import type { SourceTask } from './assemble.ts'
import { showTime } from './dates.ts'
import { readOwn, readOwnText, reconcile } from './extras.ts'
import { fit, notKept } from './fields.ts'
import type { Fitted, TaskNote } from './fields.ts'
import { readDue } from './icalendar-due.ts'
import { listOf, textOf } from './icalendar-lines.ts'
import type { Component, Property } from './icalendar-lines.ts'
import { idOfTask } from './icalendar-versions.ts'
import type { Zones } from './icalendar-zones.ts'
import type { NoteKind } from './notes.ts'
import { quote } from './text.ts'
import type { Fields, Priority } from './types.ts'

export interface Calendar {
  zones: Zones
  /** The calendar's name. */
  list: string | null
  /** VERSION 1.0 is vCalendar. */
  version: string
}

const NO_FIELD = new Map<string, NoteKind>([
  ['DTSTART', 'start-date'],
  ['RRULE', 'recurrence'],
  ['RDATE', 'recurrence'],
  ['EXRULE', 'recurrence'],
  ['EXDATE', 'recurrence'],
  ['RECURRENCE-ID', 'recurrence'],
  ['RELATED-TO', 'parent'],
  ['ATTENDEE', 'people'],
  ['ORGANIZER', 'people'],
  ['DALARM', 'reminder'],
  ['AALARM', 'reminder'],
  ['PALARM', 'reminder'],
  ['MALARM', 'reminder'],
  ['CREATED', 'creation-date'],
  ['COMPLETED', 'completion-date'],
  ['LAST-MODIFIED', 'modified'],
])
const IN_DESCRIPTION = new Map([
  ['LOCATION', 'Location'],
  ['URL', 'URL'],
  ['COMMENT', 'Comment'],
  ['CONTACT', 'Contact'],
  ['ATTACH', 'Attachment'],
])
const HELD = ['UID', 'SUMMARY', 'DESCRIPTION', 'STATUS', 'PRIORITY', 'CATEGORIES', 'DUE', 'DURATION']
const ONCE = ['UID', 'SUMMARY', 'STATUS', 'PRIORITY', 'DUE', 'DURATION']
// The bookkeeping of other programs: it says nothing about the task.
const SILENT = ['DTSTAMP', 'SEQUENCE', 'TRANSP', 'X-MOZ-GENERATION', 'X-MOZ-LASTACK']
// How other programs show a task, or to whom: here it is its account's alone.
const SETTING = /^(?:CLASS$|X-(?:MOZ|MOZILLA|EVOLUTION|LIC)-)/u
const USED_PARAMS = ['VALUE', 'TZID', 'ENCODING', 'CHARSET']
const OWN = 'X-TASKWIRE-'
const PASSING = /^(?:DTSTAMP|LAST-MODIFIED|SEQUENCE)\b/iu

/** `write` returns the task as our export writes it, to tell whether it was changed since. */
export function readTodo(
  task: Component,
  calendar: Calendar,
  write: (fields: Fields, inTrash: boolean) => Component,
): SourceTask {
  const { exact, deletedAt, notes: ownNotes } = readOwn(ownValues(task))
  const { fields, notes } = reconcile(
    readPlain(task, calendar),
    exact,
    (wanted) => readPlain(write(wanted, deletedAt !== null), calendar).fields,
  )
  if (!task.closed) notes.push({ kind: 'damaged', detail: 'END:VTODO is missing' })
  for (const { text, number } of task.unreadable) {
    notes.push({ kind: 'unreadable', detail: `line ${number}: ${quote(text)}` })
  }
  const text = task.source.filter((line) => !PASSING.test(line)).join('\n')
  return { fields, notes: [...notes, ...ownNotes], line: task.line, ownId: idOfTask(task), text }
}

function ownValues(task: Component): Record<string, unknown> {
  const own = task.properties.filter(({ name }) => name.startsWith(OWN))
  return Object.fromEntries(
    own.map((property) => [property.name.slice(OWN.length).toLowerCase(), readOwnText(textOf(property))]),
  )
}

function first(task: Component, name: string): Property | undefined {
  return task.properties.find((property) => property.name === name)
}

export function readPlain(task: Component, calendar: Calendar): Fitted {
  const notes: TaskNote[] = []
  const text = (name: string): string => {
    const property = first(task, name)
    return property ? textOf(property) : ''
  }
  const [description, ...more] = task.properties.filter(({ name }) => name === 'DESCRIPTION')
  const places = task.properties.filter((property) => isDescriptive(property))
  const separator = calendar.version.startsWith('1') ? ';' : ','
  const fields = {
    title: text('SUMMARY'),
    description: description && description.raw !== '' ? textOf(description) : null,
    complete: readStatus(task, text('STATUS'), notes),
    priority: readPriority(text('PRIORITY'), notes),
    tags: task.properties
      .filter(({ name }) => name === 'CATEGORIES')
      .flatMap((property) => listOf(property, separator)),
    due: readDue(task, calendar.zones, notes),
    list: calendar.list,
    extras: [
      ...more.map(textOf),
      ...places.map((property) => `${IN_DESCRIPTION.get(property.name)}: ${textOf(property)}`),
    ],
  }
  return fit(fields, [...notes, ...leftOut(task, fields.complete)])
}

function isDescriptive({ name, params, raw }: Property): boolean {
  const isBinary = params.get('VALUE')?.toUpperCase() === 'BINARY' || params.has('ENCODING')
  return IN_DESCRIPTION.has(name) && raw !== '' && !(name === 'ATTACH' && isBinary)
}

/** STATUS decides; without one, COMPLETED or 100 per cent does. */
function readStatus(task: Component, text: string, notes: TaskNote[]): boolean {
  const status = text.trim().toUpperCase().replaceAll(' ', '-')
  const say = (detail: string): void => void notes.push({ kind: 'status', about: 'complete', detail })
  const completed = first(task, 'COMPLETED') !== undefined
  if (status === '') return completed || first(task, 'PERCENT-COMPLETE')?.raw.trim() === '100'
  if (status === 'COMPLETED') return true
  if (status === 'CANCELLED') {
    if (!first(task, 'X-TASKWIRE-DELETED')) say('STATUS CANCELLED became complete')
    return true
  }
  if (status !== 'NEEDS-ACTION') say(`STATUS ${quote(text)} became open`)
  if (completed) say(`a COMPLETED time, but STATUS ${quote(text)}: left open`)
  return false
}

function readPriority(text: string, notes: TaskNote[]): Priority {
  const level = Number(text.trim() || '0')
  if (!Number.isInteger(level) || level < 0 || level > 9) {
    notes.push({ kind: 'unreadable', about: 'priority', detail: `PRIORITY ${quote(text)} is none of 0 to 9` })
    return 'none'
  }
  if (level === 0) return 'none'
  const priority = level === 1 ? 'urgent' : level < 5 ? 'high' : level === 5 ? 'medium' : 'low'
  if ([3, 4, 6, 7, 8].includes(level)) {
    notes.push({ kind: 'priority', about: 'priority', detail: `PRIORITY ${level} became ${priority}` })
  }
  return priority
}

function leftOut(task: Component, complete: boolean): TaskNote[] {
  const seen = new Set<string>()
  const notes = task.properties.flatMap((property): TaskNote[] => {
    const { name } = property
    const repeated = ONCE.includes(name) && seen.has(name)
    seen.add(name)
    if (name.startsWith(OWN) || isSilent(property, complete)) return []
    const kind = kindOf(property)
    if (kind !== undefined)
      return [{ kind, detail: `${name} ${quote(`${showTime(property.raw)}${paramsOf(property)}`)}` }]
    if (!HELD.includes(name) && !isDescriptive(property)) {
      return notKept([[name, `${textOf(property)}${paramsOf(property)}`]])
    }
    const unused = [...property.params].filter(([key]) => !USED_PARAMS.includes(key))
    return [
      ...(repeated ? notKept([[`second ${name}`, textOf(property)]]) : []),
      ...notKept(unused.map(([key, value]) => [`${name} ${key}`, value])),
    ]
  })
  const parts = task.components.map(({ name, source }): TaskNote => {
    return { kind: name === 'VALARM' ? 'reminder' : 'field', detail: `${name} ${quote(source.join(' '))}` }
  })
  return [...notes, ...parts]
}

function kindOf({ name, params }: Property): NoteKind | undefined {
  const type = params.get('RELTYPE')?.toUpperCase() ?? 'PARENT'
  if (name === 'RELATED-TO' && type !== 'PARENT') return 'relation'
  return SETTING.test(name) ? 'setting' : NO_FIELD.get(name)
}

function isSilent({ name, raw }: Property, complete: boolean): boolean {
  if (name === 'PERCENT-COMPLETE') return raw.trim() === (complete ? '100' : '0')
  // What is not complete has a note of its own about this.
  if (name === 'COMPLETED') return !complete
  return SILENT.includes(name) || (name === 'CLASS' && raw.trim().toUpperCase() === 'PUBLIC')
}

function paramsOf({ params }: Property): string {
  const shown = [...params].filter(([name]) => !['VALUE', 'ENCODING', 'CHARSET'].includes(name))
  return shown.map(([name, value]) => (name === 'TZID' ? ` ${value}` : ` ${name}=${value}`)).join('')
}
