/**
 * iCalendar (RFC 5545) and vCalendar 1.0: the VTODOs of a file, however many calendars it holds.
 *
 * - The calendar's name is the list, CATEGORIES are tags. PRIORITY 1 is urgent, 2 to 4 high, 5
 *   medium, 6 to 9 low. A cancelled task is complete.
 * - LOCATION, URL, COMMENT, CONTACT and links go into the description.
 * - What a file says of a zone (VTIMEZONE) counts before the zone's name. A time without a zone is
 *   taken in the calendar's zone, or else in the account's.
 * - A task that comes more than once counts as its newest version says.
 * - A damaged task is read as far as it goes.
 * - Our export writes one calendar; what it cannot say is in X-TASKWIRE properties, in JSON.
 */
import { assemble } from './assemble.ts'
import { wallOfDue } from './icalendar-due.ts'
import { readComponents, textOf } from './icalendar-lines.ts'
import type { Component } from './icalendar-lines.ts'
import { readTodo } from './icalendar-todo.ts'
import type { Calendar } from './icalendar-todo.ts'
import { newestOf } from './icalendar-versions.ts'
import { rewrite } from './icalendar-write.ts'
import { createZones } from './icalendar-zones.ts'
import type { Wall } from './icalendar-zones.ts'
import { note } from './notes.ts'
import type { Note } from './notes.ts'
import { labelOf, looksBinary, quote } from './text.ts'
import { NotThisFormat } from './types.ts'
import type { Imported, ImportInput } from './types.ts'
import { findZone } from './zones.ts'

export { exportIcalendar } from './icalendar-write.ts'

const REMEDY = 'Choose an .ics file that begins with BEGIN:VCALENDAR.'
// What readCalendar takes, and what says nothing about tasks.
const TAKEN = ['NAME', 'X-WR-CALNAME', 'X-WR-TIMEZONE']
const SILENT = ['VERSION', 'PRODID', 'CALSCALE', 'METHOD', 'X-WR-RELCALID', 'REFRESH-INTERVAL', 'X-PUBLISHED-TTL']

interface Placed {
  component: Component
  /** The calendar that it is in, or the root. */
  calendar: Component
}

export function importIcalendar(input: ImportInput): Imported {
  if (looksBinary(input.text)) throw new NotThisFormat('icalendar', 'it is not text', REMEDY)
  const root = readComponents(input.text)
  const all = walk(root, root)
  if (!all.some(({ component }) => /^V(?:CALENDAR|TODO|EVENT|JOURNAL)$/u.test(component.name))) {
    throw new NotThisFormat('icalendar', 'it has no BEGIN:VCALENDAR', REMEDY)
  }
  const every = all.filter(({ component }) => component.name === 'VTODO')
  const { kept, notes } = newestOf(every, ({ component }) => component)
  const byCalendar = Map.groupBy(kept, ({ calendar }) => calendar)
  const defined = definitions(all.map(({ component }) => component))
  const contexts = new Map(
    [...byCalendar].map(([calendar, todos]) => {
      const tasks = todos.map(({ component }) => component)
      return [calendar, readCalendar(calendar, tasks, defined, input.timeZone)]
    }),
  )
  const tasks = kept.flatMap(({ component, calendar }) => {
    const context = contexts.get(calendar)
    return context ? [readTodo(component, context, rewrite)] : []
  })
  return assemble({ format: 'icalendar', fileName: input.fileName }, tasks, [
    ...calendarNotes(new Set(every.map(({ calendar }) => calendar)), root),
    ...notes,
    ...otherParts(all.map(({ component }) => component)),
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

/** The VTIMEZONEs by TZID. */
function definitions(components: Component[]): Map<string, Component> {
  const zones = components.filter(({ name }) => name === 'VTIMEZONE')
  return new Map(zones.map((zone) => [zone.properties.find(({ name }) => name === 'TZID')?.raw.trim() ?? '', zone]))
}

function readCalendar(
  calendar: Component,
  tasks: Component[],
  inFile: Map<string, Component>,
  account: string,
): Calendar {
  const text = (...names: string[]): string => {
    const property = calendar.properties.find(({ name }) => names.includes(name))
    return property ? textOf(property).trim() : ''
  }
  const list = text('NAME', 'X-WR-CALNAME')
  const walls = tasks.map(wallOfDue).filter((each) => each !== null)
  const used = [...Map.groupBy(walls, ({ tzid }) => tzid)].map(([tzid, group]): [string, Wall[]] => [
    tzid,
    group.map(({ wall }) => wall),
  ])
  const own = definitions(calendar.components)
  return {
    list: list === '' ? null : list,
    version: text('VERSION'),
    zones: createZones({
      define: (tzid) => own.get(tzid) ?? inFile.get(tzid),
      calendar: findZone(text('X-WR-TIMEZONE')),
      account,
      used: new Map(used),
    }),
  }
}

function calendarNotes(calendars: Set<Component>, root: Component): Note[] {
  return [...new Set([root, ...calendars])].flatMap((calendar): Note[] => {
    const { line } = calendar
    const others = calendar.properties.filter(({ name }) => ![...TAKEN, ...SILENT].includes(name))
    const kept = others.map((property) =>
      note('field', { line: property.line, detail: `of the calendar: ${property.name} ${quote(textOf(property))}` }),
    )
    const broken = calendar.unreadable.map(({ text, number }) =>
      note('unreadable', { line: number, detail: quote(text) }),
    )
    const cut = calendar.closed ? [] : [note('damaged', { line, detail: 'END:VCALENDAR is missing' })]
    return [...kept, ...broken, ...cut]
  })
}

function otherParts(all: Component[]): Note[] {
  const others = all.filter(({ name }) => !['VCALENDAR', 'VTODO', 'VTIMEZONE'].includes(name))
  return others.map(({ name, line, properties }) => {
    const summary = properties.find((property) => property.name === 'SUMMARY')
    const label = summary === undefined ? {} : { label: labelOf(textOf(summary)) }
    return note('other-entry', { line, ...label, detail: name })
  })
}
