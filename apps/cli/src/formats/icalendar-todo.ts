import type { SourceTask } from './assemble.ts'
import { showTime } from './dates.ts'
import { readOwn, readOwnText, reconcile } from './extras.ts'
import { fit, notKept, timesNotKept } from './fields.ts'
import type { Fitted, TaskNote } from './fields.ts'
import { readDue } from './icalendar-due.ts'
import type { Zones } from './icalendar-due.ts'
import { listOf, textOf } from './icalendar-lines.ts'
import type { Component, Property } from './icalendar-lines.ts'
import { quote } from './text.ts'
import type { Fields, Priority } from './types.ts'

export interface Calendar {
  zones: Zones
  /** The calendar's name. */
  list: string | null
  /** VERSION 1.0 is vCalendar. */
  version: string
}

const TIMES: Record<string, string> = {
  CREATED: 'created',
  COMPLETED: 'completed',
  'LAST-MODIFIED': 'modified',
  DTSTAMP: 'stamped',
}
const NO_FIELD = new Map([
  ['DTSTART', 'start dates'],
  ['RRULE', 'repeating tasks'],
  ['RDATE', 'repeating tasks'],
  ['EXRULE', 'repeating tasks'],
  ['EXDATE', 'repeating tasks'],
  ['RECURRENCE-ID', 'repeating tasks'],
  ['RELATED-TO', 'links between tasks'],
  ['ATTENDEE', 'attendees'],
  ['ORGANIZER', 'organizers'],
  ['DALARM', 'reminders'],
  ['AALARM', 'reminders'],
  ['PALARM', 'reminders'],
  ['MALARM', 'reminders'],
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
const USED_PARAMS = ['VALUE', 'TZID', 'ENCODING', 'CHARSET']
const OWN = 'X-TASKWIRE-'
const PASSING = /^(?:DTSTAMP|LAST-MODIFIED|SEQUENCE)\b/iu

/** `write` gives the task as our export writes it, to tell whether it was changed since. */
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
  if (!task.closed) notes.push({ message: 'END:VTODO is missing: imported as far as it goes' })
  for (const { text, number } of task.unreadable) {
    notes.push({ message: `line ${number} is not readable, left out: ${quote(text)}` })
  }
  notes.push(...ownNotes)
  const uid = first(task, 'UID')?.raw.trim() ?? ''
  const text = task.source.filter((line) => !PASSING.test(line)).join('\n')
  return { fields, notes, line: task.line, ownId: uid === '' ? null : uid, text }
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
  notes.push(...leftOut(task, fields.complete))
  return fit(fields, notes)
}

function isDescriptive({ name, params, raw }: Property): boolean {
  const isBinary = params.get('VALUE')?.toUpperCase() === 'BINARY' || params.has('ENCODING')
  return IN_DESCRIPTION.has(name) && raw !== '' && !(name === 'ATTACH' && isBinary)
}

/** STATUS decides; without one, COMPLETED or 100 per cent does. */
function readStatus(task: Component, text: string, notes: TaskNote[]): boolean {
  const status = text.trim().toUpperCase().replaceAll(' ', '-')
  const say = (message: string): void => void notes.push({ about: 'complete', message })
  const completed = first(task, 'COMPLETED') !== undefined
  if (status === '') return completed || first(task, 'PERCENT-COMPLETE')?.raw.trim() === '100'
  if (status === 'COMPLETED') return true
  if (status === 'CANCELLED') {
    if (!first(task, 'X-TASKWIRE-DELETED')) say('STATUS CANCELLED: imported as complete')
    return true
  }
  if (status !== 'NEEDS-ACTION') say(`STATUS ${quote(text)} not kept: imported as open`)
  if (completed) say(`has a COMPLETED time, but its STATUS is ${quote(text)}: imported as open`)
  return false
}

function readPriority(text: string, notes: TaskNote[]): Priority {
  const level = Number(text.trim() || '0')
  const say = (message: string): void => void notes.push({ about: 'priority', message })
  if (!Number.isInteger(level) || level < 0 || level > 9) {
    say(`PRIORITY ${quote(text)} not kept: it is none of 0 to 9`)
    return 'none'
  }
  if (level === 0) return 'none'
  const priority = level === 1 ? 'urgent' : level < 5 ? 'high' : level === 5 ? 'medium' : 'low'
  if ([3, 4, 6, 7, 8].includes(level)) say(`PRIORITY ${level} became ${priority}`)
  return priority
}

function leftOut(task: Component, complete: boolean): TaskNote[] {
  const lacking = new Map<string, string[]>()
  const times: [string, string][] = []
  const others: [string, string][] = []
  const seen = new Set<string>()
  for (const property of task.properties) {
    const { name, raw, params } = property
    const repeated = ONCE.includes(name) && seen.has(name)
    seen.add(name)
    const lack = NO_FIELD.get(name)
    const time = TIMES[name]
    const full = name === 'PERCENT-COMPLETE' && raw.trim() === (complete ? '100' : '0')
    if (name.startsWith(OWN) || full) continue
    if (time !== undefined) times.push([time, `${showTime(raw)}${paramsOf(property)}`])
    else if (lack !== undefined) {
      const shown = quote(`${showTime(raw)}${paramsOf(property)}`)
      lacking.set(name, [...(lacking.get(name) ?? []), shown])
    } else if (!HELD.includes(name) && !isDescriptive(property))
      others.push([name, `${textOf(property)}${paramsOf(property)}`])
    else {
      if (repeated) others.push([`second ${name}`, textOf(property)])
      const unused = [...params].filter(([key]) => !USED_PARAMS.includes(key))
      others.push(...unused.map(([key, value]): [string, string] => [`${name} ${key}`, value]))
    }
  }
  const parts = task.components.map(({ name, source }): TaskNote => {
    const what = name === 'VALARM' ? 'reminders' : 'such parts of a task'
    return { message: `${name} ${quote(source.join(' '))} not kept: the service has no ${what}` }
  })
  const gone = [...lacking].map(([name, shown]): TaskNote => {
    return { message: `${name} ${shown.join(', ')} not kept: the service has no ${NO_FIELD.get(name)}` }
  })
  return [...gone, ...parts, ...timesNotKept(times), ...notKept(others)]
}

function paramsOf({ params }: Property): string {
  const shown = [...params].filter(([name]) => !['VALUE', 'ENCODING', 'CHARSET'].includes(name))
  return shown.map(([name, value]) => (name === 'TZID' ? ` ${value}` : ` ${name}=${value}`)).join('')
}
