import ICAL from 'ical.js'
import { readStamp, showTime, type Stamp, toDue } from './dates.ts'
import { readDueStamp } from './due-stamp.ts'
import type { TaskNote } from './fields.ts'
import { type Component, type Property, propertyOf } from './icalendar-lines.ts'
import type { Wall, Zones } from './icalendar-zones.ts'
import { quote } from './text.ts'
import type { Due } from './types.ts'

/** Reads DUE, or else DTSTART plus DURATION. */
export function readDue(task: Component, zones: Zones, notes: TaskNote[]): Due {
  const source = findDue(task, notes)
  if (source === null) return null
  const { property, raw } = source
  const stamp = readDueStamp(raw, notes, property.name)
  if (stamp === null) return null
  if (stamp.seconds !== '00') notes.push({ kind: 'due-time', about: 'due', detail: showTime(raw) })
  return resolveDue(stamp, property.params.get('TZID'), zones, notes)
}

function resolveDue(stamp: Stamp, tzid: string | undefined, zones: Zones, notes: TaskNote[]): Due {
  const { date, time, offset } = stamp
  if (time === null || offset !== null) return toDue(stamp, offset === 'Z' ? 'UTC' : zones.account)
  if (tzid !== undefined) {
    const { due, note } = zones.resolve({ date, time }, tzid)
    if (note) notes.push(note)
    return due
  }
  const timeZone = zones.calendar ?? zones.account
  const owner = zones.calendar === null ? 'yours' : "the calendar's"
  notes.push({ kind: 'floating', about: 'due', detail: `${date} ${time} is read in ${timeZone}, ${owner}` })
  return { date, time, timeZone }
}

/** Returns the due date's TZID and the wall-clock time there; null if the due date has no TZID. */
export function wallOfDue(task: Component): { tzid: string; wall: Wall } | null {
  const source = findDue(task, [])
  const tzid = source?.property.params.get('TZID')
  const stamp = readStamp(source?.raw ?? '')
  if (tzid === undefined || !stamp || stamp.time === null || stamp.offset !== null) return null
  return { tzid, wall: { date: stamp.date, time: stamp.time } }
}

function findDue(task: Component, notes: TaskNote[]): { property: Property; raw: string } | null {
  const due = propertyOf(task, 'DUE')
  if (due) return { property: due, raw: due.raw }
  const start = propertyOf(task, 'DTSTART')
  const duration = propertyOf(task, 'DURATION')
  if (!start || !duration) return null
  const end = addDuration(start.raw, duration.raw)
  const shown = `DURATION ${quote(duration.raw)}`
  if (end === null) {
    notes.push({ kind: 'due', about: 'due', detail: `${shown} cannot be added to the start` })
    return null
  }
  notes.push({ kind: 'deadline', about: 'due', detail: `the start plus ${shown}` })
  return { property: start, raw: end }
}

/** Adds a duration to a wall-clock time, as RFC 5545 adds days. Returns null if the time or the duration is invalid. */
function addDuration(start: string, duration: string): string | null {
  const stamp = readStamp(start)
  if (!stamp || !ICAL.Duration.isValueString(duration)) return null
  try {
    const time =
      stamp.time === null ? ICAL.Time.fromDateString(stamp.date) : ICAL.Time.fromDateTimeString(showTime(start))
    time.addDuration(ICAL.Duration.fromString(duration))
    return time.toString()
  } catch {
    return null
  }
}
