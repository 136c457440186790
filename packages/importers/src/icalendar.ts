/**
 * iCalendar (RFC 5545) and vCalendar 1.0: the VTODOs of all calendars in a file.
 *
 * - The calendar's name is the list, CATEGORIES are tags. PRIORITY 1 is urgent, 2 to 4 high, 5
 *   medium, 6 to 9 low. A cancelled task is complete.
 * - LOCATION, URL, COMMENT, CONTACT and links go into the description.
 * - A time zone's definition in the file (VTIMEZONE) takes precedence over its name. A time without a zone is in the
 *   calendar's zone, or else in the account's zone.
 * - Of several versions of a task, the newest is imported.
 * - A damaged task is read as far as possible.
 * - The exporter writes one calendar. X-TASKWIRE properties have, as JSON, the values that iCalendar cannot express.
 */
import { assemble } from './assemble.ts'
import { wallOfDue } from './icalendar-due.ts'
import { type Component, propertyOf, readComponents, textOf, textOfFirst } from './icalendar-lines.ts'
import { type Calendar, readTodo } from './icalendar-todo.ts'
import { entryNote, keepNewest } from './icalendar-versions.ts'
import { writeTodo } from './icalendar-write.ts'
import { createZones, type Wall } from './icalendar-zones.ts'
import { createNote, type Note } from './notes.ts'
import { looksBinary, quote } from './text.ts'
import { type Imported, type ImportInput, NotThisFormat } from './types.ts'
import { findZone } from './zones.ts'

export { exportIcalendar } from './icalendar-write.ts'

const REMEDY = 'Choose an .ics file that begins with BEGIN:VCALENDAR.'
// readCalendar reads MAPPED. IGNORED does not matter to tasks.
const MAPPED = ['NAME', 'X-WR-CALNAME', 'X-WR-TIMEZONE']
const IGNORED = ['VERSION', 'PRODID', 'CALSCALE', 'METHOD', 'X-WR-RELCALID', 'REFRESH-INTERVAL', 'X-PUBLISHED-TTL']

interface FoundComponent {
  component: Component
  /** The calendar that contains it, or the root. */
  calendar: Component
}

export function importIcalendar(input: ImportInput): Imported {
  if (looksBinary(input.text)) throw new NotThisFormat('icalendar', 'it is not text', REMEDY)
  const root = readComponents(input.text)
  const all = walk(root, root)
  if (!all.some(({ component }) => /^V(?:CALENDAR|TODO|EVENT|JOURNAL)$/u.test(component.name))) {
    throw new NotThisFormat('icalendar', 'it has no BEGIN:VCALENDAR', REMEDY)
  }
  const todos = all.filter(({ component }) => component.name === 'VTODO')
  const { kept, notes } = keepNewest(todos, ({ component }) => component)
  const byCalendar = Map.groupBy(kept, ({ calendar }) => calendar)
  const defined = zonesById(all.map(({ component }) => component))
  const contexts = new Map(
    [...byCalendar].map(([calendar, group]) => {
      const tasks = group.map(({ component }) => component)
      return [calendar, readCalendar(calendar, tasks, defined, input.timeZone)]
    }),
  )
  const tasks = kept.flatMap(({ component, calendar }) => {
    const context = contexts.get(calendar)
    return context ? [readTodo(component, context, writeTodo)] : []
  })
  return assemble({ format: 'icalendar', fileName: input.fileName }, tasks, [
    ...calendarNotes(new Set(todos.map(({ calendar }) => calendar)), root),
    ...notes,
    ...otherEntryNotes(all.map(({ component }) => component)),
  ])
}

/** Returns all components below `component`, with their calendars, except for parts of tasks, events and the like. */
function walk(component: Component, calendar: Component): FoundComponent[] {
  return component.components.flatMap((child) => {
    const inside = child.name === 'VCALENDAR' ? child : calendar
    const below = child.name === 'VCALENDAR' || !child.name.startsWith('V') ? walk(child, inside) : []
    return [{ component: child, calendar }, ...below]
  })
}

/** Returns the VTIMEZONEs by TZID. */
function zonesById(components: Component[]): Map<string, Component> {
  const zones = components.filter(({ name }) => name === 'VTIMEZONE')
  return new Map(zones.map((zone) => [propertyOf(zone, 'TZID')?.raw.trim() ?? '', zone]))
}

function readCalendar(
  calendar: Component,
  tasks: Component[],
  inFile: Map<string, Component>,
  account: string,
): Calendar {
  const list = textOfFirst(calendar, 'NAME', 'X-WR-CALNAME').trim()
  const walls = tasks.map(wallOfDue).filter((each) => each !== null)
  const used = [...Map.groupBy(walls, ({ tzid }) => tzid)].map(([tzid, group]): [string, Wall[]] => [
    tzid,
    group.map(({ wall }) => wall),
  ])
  const own = zonesById(calendar.components)
  return {
    list: list === '' ? null : list,
    version: textOfFirst(calendar, 'VERSION').trim(),
    zones: createZones({
      define: (tzid) => own.get(tzid) ?? inFile.get(tzid),
      calendar: findZone(textOfFirst(calendar, 'X-WR-TIMEZONE')),
      account,
      used: new Map(used),
    }),
  }
}

function calendarNotes(calendars: Set<Component>, root: Component): Note[] {
  return [...new Set([root, ...calendars])].flatMap((calendar): Note[] => {
    const { line } = calendar
    const others = calendar.properties.filter(({ name }) => ![...MAPPED, ...IGNORED].includes(name))
    const kept = others.map((property) =>
      createNote('field', {
        line: property.line,
        detail: `of the calendar: ${property.name} ${quote(textOf(property))}`,
      }),
    )
    const broken = calendar.unreadable.map(({ text, number }) =>
      createNote('unreadable', { line: number, detail: quote(text) }),
    )
    const cut = calendar.closed ? [] : [createNote('damaged', { line, detail: 'END:VCALENDAR is missing' })]
    return [...kept, ...broken, ...cut]
  })
}

function otherEntryNotes(all: Component[]): Note[] {
  const others = all.filter(({ name }) => !['VCALENDAR', 'VTODO', 'VTIMEZONE'].includes(name))
  return others.map((entry) => entryNote('other-entry', entry, entry.name))
}
