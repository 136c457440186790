/**
 * iCalendar (RFC 5545) and vCalendar 1.0: the VTODOs of a file, however many calendars it holds.
 *
 * - The calendar's name is the list, CATEGORIES are tags. PRIORITY 1 is urgent, 2 to 4 high, 5
 *   medium, 6 to 9 low. A cancelled task is complete.
 * - LOCATION, URL, COMMENT, CONTACT and links go into the description.
 * - A time without a zone is taken in the calendar's zone, or else in UTC.
 * - A damaged task is read as far as it goes.
 * - Our export writes one calendar; what it cannot say is in X-TASKWIRE properties, in JSON.
 */
import { assemble } from './assemble.ts'
import { readComponents, textOf } from './icalendar-lines.ts'
import type { Component } from './icalendar-lines.ts'
import { readTodo } from './icalendar-todo.ts'
import type { Calendar } from './icalendar-todo.ts'
import { rewrite } from './icalendar-write.ts'
import { looksBinary, quote } from './text.ts'
import { NotThisFormat } from './types.ts'
import type { Imported, ImportInput, Note } from './types.ts'
import { findZone } from './zones.ts'

export { exportIcalendar } from './icalendar-write.ts'

const REMEDY = 'Choose an .ics file that begins with BEGIN:VCALENDAR.'
// What every calendar says of itself, and what readCalendar takes.
const EXPECTED = ['VERSION', 'PRODID', 'CALSCALE', 'NAME', 'X-WR-CALNAME', 'X-WR-TIMEZONE']

interface Placed {
  component: Component
  /** The calendar that it is in, or the root. */
  calendar: Component
}

export function importIcalendar(input: ImportInput): Imported {
  if (looksBinary(input.text)) throw new NotThisFormat('icalendar', 'it is not UTF-8 text', REMEDY)
  const root = readComponents(input.text)
  const all = walk(root, root)
  if (!all.some(({ component }) => /^V(?:CALENDAR|TODO|EVENT|JOURNAL)$/u.test(component.name))) {
    throw new NotThisFormat('icalendar', 'it has no BEGIN:VCALENDAR', REMEDY)
  }
  const components = all.map(({ component }) => component)
  const defined = new Map(components.filter(isZone).map((zone) => [tzidOf(zone), zone]))
  const todos = all.filter(({ component }) => component.name === 'VTODO')
  const calendars = new Set(todos.map(({ calendar }) => calendar))
  const read = new Map([...calendars].map((each) => [each, readCalendar(each, defined)]))
  const tasks = todos.flatMap(({ component, calendar }) => {
    const context = read.get(calendar)
    return context ? [readTodo(component, context, rewrite)] : []
  })
  return assemble({ format: 'icalendar', fileName: input.fileName }, tasks, [
    ...calendarNotes(calendars, root),
    ...otherParts(components),
  ])
}

/** Every component below, with the calendar that it is in; a task's parts are its own. */
function walk(component: Component, calendar: Component): Placed[] {
  return component.components.flatMap((child) => {
    const inside = child.name === 'VCALENDAR' ? child : calendar
    const below = child.name === 'VCALENDAR' || !child.name.startsWith('V') ? walk(child, inside) : []
    return [{ component: child, calendar }, ...below]
  })
}

function isZone({ name }: Component): boolean {
  return name === 'VTIMEZONE'
}

function tzidOf(zone: Component): string {
  return zone.properties.find(({ name }) => name === 'TZID')?.raw.trim() ?? ''
}

function readCalendar(calendar: Component, defined: Map<string, Component>): Calendar {
  const text = (...names: string[]): string => {
    const property = calendar.properties.find(({ name }) => names.includes(name))
    return property ? textOf(property).trim() : ''
  }
  const list = text('NAME', 'X-WR-CALNAME')
  return {
    list: list === '' ? null : list,
    version: text('VERSION'),
    zones: { defined, calendar: findZone(text('X-WR-TIMEZONE')) },
  }
}

function calendarNotes(calendars: Set<Component>, root: Component): Note[] {
  return [...new Set([root, ...calendars])].flatMap((calendar): Note[] => {
    const others = calendar.properties.filter(({ name }) => !EXPECTED.includes(name))
    const named = others.map((property) => `${property.name} ${quote(textOf(property))}`).join(', ')
    const kept = others.length === 0 ? [] : [{ line: calendar.line, message: `calendar: not kept: ${named}` }]
    const broken = calendar.unreadable.map(({ text, number }) => ({
      line: number,
      message: `not readable, left out: ${quote(text)}`,
    }))
    const cut = calendar.closed ? [] : [{ line: calendar.line, message: 'END:VCALENDAR is missing' }]
    return [...kept, ...broken, ...cut]
  })
}

function otherParts(all: Component[]): Note[] {
  const counts = new Map<string, number>()
  for (const { name } of all) {
    if (['VCALENDAR', 'VTODO', 'VTIMEZONE'].includes(name)) continue
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => ({
    message: `${count} ${name} left out: only tasks (VTODO) are imported`,
  }))
}
