import ICAL from 'ical.js'
import { inexactFields } from './extras.ts'
import { fieldsOf } from './field-values.ts'
import { type Component, readComponents } from './icalendar-lines.ts'
import { writeZones } from './icalendar-timezone.ts'
import { readPlain } from './icalendar-todo.ts'
import { createZones } from './icalendar-zones.ts'
import { unixLines } from './text.ts'
import type { Due, ExportedTask, Fields } from './types.ts'

export type JcalProperty = [name: string, params: Record<string, string>, type: string, ...values: unknown[]]

const LEVELS = { urgent: 1, high: 2, medium: 5, low: 9, none: 0 } as const
const NO_CALENDAR = {
  list: null,
  version: '2.0',
  zones: createZones({ define: () => undefined, calendar: null, account: 'UTC', used: new Map() }),
}

export function exportIcalendar(tasks: ExportedTask[]): string {
  const head: JcalProperty[] = [
    ['version', {}, 'text', '2.0'],
    ['prodid', {}, 'text', '-//Taskwire//Taskwire 1.0//EN'],
  ]
  const todos = tasks.map((task) => ['vtodo', propertiesOf(task), []])
  const zones = writeZones(tasks.map(({ due }) => due))
  return stringify(['vcalendar', head, [...zones, ...todos]])
}

/** Returns a VTODO with only these fields, as a reader of the written file would get it. */
export function writeTodo(fields: Fields, inTrash: boolean): Component {
  const written = readComponents(stringify(['vtodo', fieldProperties(fields, inTrash), []]))
  const [todo] = written.components
  if (!todo) throw new Error('The written VTODO cannot be read.')
  return todo
}

function stringify(component: unknown[]): string {
  return ICAL.stringify(component)
}

function propertiesOf(task: ExportedTask): JcalProperty[] {
  const fields = fieldsOf(task)
  const inTrash = task.deletedAt !== null
  const exact = inexactFields(fields, readPlain(writeTodo(fields, inTrash), NO_CALENDAR).fields)
  const own = Object.entries(exact).map(([name, value]) => ownProperty(name, value))
  const completed = task.complete ? (task.completedAt ?? task.updatedAt) : null
  return [
    ['uid', {}, 'text', task.id],
    timeProperty('dtstamp', task.updatedAt),
    timeProperty('created', task.createdAt),
    timeProperty('last-modified', task.updatedAt),
    ...fieldProperties(fields, inTrash),
    ...(completed === null ? [] : [timeProperty('completed', completed)]),
    ...own,
    ...(inTrash ? [ownProperty('deleted', task.deletedAt)] : []),
  ]
}

function timeProperty(name: string, time: string): JcalProperty {
  return [name, {}, 'date-time', toStamp(time)]
}

/** Other programs see a task in the trash as cancelled. */
function fieldProperties(fields: Fields, inTrash: boolean): JcalProperty[] {
  const { title, description, tags, priority, complete } = fields
  const status = complete ? 'COMPLETED' : 'NEEDS-ACTION'
  const properties: JcalProperty[] = [
    ['summary', {}, 'text', title],
    ['status', {}, 'text', inTrash ? 'CANCELLED' : status],
  ]
  if (description !== null) properties.push(['description', {}, 'text', plainLines(description)])
  if (priority !== 'none') properties.push(['priority', {}, 'integer', LEVELS[priority]])
  if (tags.length > 0) properties.push(['categories', {}, 'text', ...tags])
  if (fields.due !== null) properties.push(dueProperty(fields.due))
  return properties
}

/** Removes control characters, which content lines must not have, except tabs. */
function plainLines(text: string): string {
  return unixLines(text).replace(/[^\P{Cc}\n\t]/gu, '')
}

function dueProperty(due: NonNullable<Due>): JcalProperty {
  if (!('time' in due)) return ['due', {}, 'date', due.date]
  const local = `${due.date}T${due.time}:00`
  if (due.timeZone === 'UTC') return ['due', {}, 'date-time', `${local}Z`]
  return ['due', { tzid: due.timeZone }, 'date-time', local]
}

function ownProperty(name: string, value: unknown): JcalProperty {
  return [`x-taskwire-${name}`, {}, 'text', JSON.stringify(value)]
}

function toStamp(time: string): string {
  return `${time.slice(0, 19)}Z`
}
