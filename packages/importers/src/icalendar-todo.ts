import type { SourceTask } from './assemble.ts'
import { showTime } from './dates.ts'
import { readOwn, parseOwnValue, reconcile } from './extras.ts'
import { fieldNotes, fit, type Fitted, type TaskNote } from './fields.ts'
import { readDue } from './icalendar-due.ts'
import { type Component, listOf, type Property, propertyOf, textOf, textOfFirst } from './icalendar-lines.ts'
import { sourceId } from './icalendar-versions.ts'
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
const MAPPED = ['UID', 'SUMMARY', 'DESCRIPTION', 'STATUS', 'PRIORITY', 'CATEGORIES', 'DUE', 'DURATION']
const ONCE = ['UID', 'SUMMARY', 'STATUS', 'PRIORITY', 'DUE', 'DURATION']
// Internal to calendar programs.
const IGNORED = ['DTSTAMP', 'SEQUENCE', 'TRANSP', 'X-MOZ-GENERATION', 'X-MOZ-LASTACK']
// These say how, or to whom, other programs show a task. Here, only the task's account sees it.
const DISPLAY_SETTING = /^(?:CLASS$|X-(?:MOZ|MOZILLA|EVOLUTION|LIC)-)/u
const USED_PARAMS = ['VALUE', 'TZID', 'ENCODING', 'CHARSET']
const OWN = 'X-TASKWIRE-'
const VOLATILE = /^(?:DTSTAMP|LAST-MODIFIED|SEQUENCE)\b/iu

/** `write` returns the fields as the exporter writes them, to detect later edits. */
export function readTodo(
  task: Component,
  calendar: Calendar,
  write: (fields: Fields, inTrash: boolean) => Component,
): SourceTask {
  const own = readOwn(ownValues(task))
  const { fields, notes } = reconcile(task, own, {
    read: (each) => readPlain(each, calendar),
    write: (wanted) => write(wanted, own.deletedAt !== null),
  })
  if (!task.closed) notes.push({ kind: 'damaged', detail: 'END:VTODO is missing' })
  for (const { text, number } of task.unreadable) {
    notes.push({ kind: 'unreadable', detail: `line ${number}: ${quote(text)}` })
  }
  const text = task.source.filter((line) => !VOLATILE.test(line)).join('\n')
  return { fields, notes, line: task.line, ownId: sourceId(task), text }
}

function ownValues(task: Component): Record<string, unknown> {
  const own = task.properties.filter(({ name }) => name.startsWith(OWN))
  return Object.fromEntries(
    own.map((property) => [property.name.slice(OWN.length).toLowerCase(), parseOwnValue(textOf(property))]),
  )
}

export function readPlain(task: Component, calendar: Calendar): Fitted {
  const notes: TaskNote[] = []
  const [description, ...more] = task.properties.filter(({ name }) => name === 'DESCRIPTION')
  const descriptive = task.properties.filter((property) => isDescriptive(property))
  const separator = calendar.version.startsWith('1') ? ';' : ','
  const fields = {
    title: textOfFirst(task, 'SUMMARY'),
    description: description && description.raw !== '' ? textOf(description) : null,
    complete: readStatus(task, textOfFirst(task, 'STATUS'), notes),
    priority: readPriority(textOfFirst(task, 'PRIORITY'), notes),
    tags: task.properties
      .filter(({ name }) => name === 'CATEGORIES')
      .flatMap((property) => listOf(property, separator)),
    due: readDue(task, calendar.zones, notes),
    list: calendar.list,
    extras: [
      ...more.map(textOf),
      ...descriptive.map((property) => `${IN_DESCRIPTION.get(property.name)}: ${textOf(property)}`),
    ],
  }
  return fit(fields, [...notes, ...unmappedNotes(task, fields.complete)])
}

function isDescriptive({ name, params, raw }: Property): boolean {
  const isBinary = params.get('VALUE')?.toUpperCase() === 'BINARY' || params.has('ENCODING')
  return IN_DESCRIPTION.has(name) && raw !== '' && !(name === 'ATTACH' && isBinary)
}

/** STATUS decides whether a task is complete. Without STATUS, COMPLETED or a PERCENT-COMPLETE of 100 decides. */
function readStatus(task: Component, text: string, notes: TaskNote[]): boolean {
  const status = text.trim().toUpperCase().replaceAll(' ', '-')
  const addNote = (detail: string): void => void notes.push({ kind: 'status', about: 'complete', detail })
  const completed = propertyOf(task, 'COMPLETED') !== undefined
  if (status === '') return completed || propertyOf(task, 'PERCENT-COMPLETE')?.raw.trim() === '100'
  if (status === 'COMPLETED') return true
  if (status === 'CANCELLED') {
    if (!propertyOf(task, 'X-TASKWIRE-DELETED')) addNote('STATUS CANCELLED became complete')
    return true
  }
  if (status !== 'NEEDS-ACTION') addNote(`STATUS ${quote(text)} became open`)
  if (completed) addNote(`a COMPLETED time, but STATUS ${quote(text)}: left open`)
  return false
}

function readPriority(text: string, notes: TaskNote[]): Priority {
  const level = Number(text.trim() || '0')
  if (!Number.isInteger(level) || level < 0 || level > 9) {
    notes.push({ kind: 'unreadable', about: 'priority', detail: `PRIORITY ${quote(text)} is not 0 to 9` })
    return 'none'
  }
  if (level === 0) return 'none'
  const priority = level === 1 ? 'urgent' : level < 5 ? 'high' : level === 5 ? 'medium' : 'low'
  if ([3, 4, 6, 7, 8].includes(level)) {
    notes.push({ kind: 'priority', about: 'priority', detail: `PRIORITY ${level} became ${priority}` })
  }
  return priority
}

function unmappedNotes(task: Component, complete: boolean): TaskNote[] {
  const seen = new Set<string>()
  const notes = task.properties.flatMap((property): TaskNote[] => {
    const { name } = property
    const repeated = ONCE.includes(name) && seen.has(name)
    seen.add(name)
    if (name.startsWith(OWN) || isSilent(property, complete)) return []
    const kind = kindOf(property)
    if (kind !== undefined)
      return [{ kind, detail: `${name} ${quote(`${showTime(property.raw)}${paramsOf(property)}`)}` }]
    if (!MAPPED.includes(name) && !isDescriptive(property)) {
      return fieldNotes([[name, `${textOf(property)}${paramsOf(property)}`]])
    }
    const unused = [...property.params].filter(([key]) => !USED_PARAMS.includes(key))
    return [
      ...(repeated ? fieldNotes([[`second ${name}`, textOf(property)]]) : []),
      ...fieldNotes(unused.map(([key, value]) => [`${name} ${key}`, value])),
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
  return DISPLAY_SETTING.test(name) ? 'setting' : NO_FIELD.get(name)
}

function isSilent({ name, raw }: Property, complete: boolean): boolean {
  if (name === 'PERCENT-COMPLETE') return raw.trim() === (complete ? '100' : '0')
  // readStatus notes this for open tasks.
  if (name === 'COMPLETED') return !complete
  return IGNORED.includes(name) || (name === 'CLASS' && raw.trim().toUpperCase() === 'PUBLIC')
}

function paramsOf({ params }: Property): string {
  const shown = [...params].filter(([name]) => !['VALUE', 'ENCODING', 'CHARSET'].includes(name))
  return shown.map(([name, value]) => (name === 'TZID' ? ` ${value}` : ` ${name}=${value}`)).join('')
}
