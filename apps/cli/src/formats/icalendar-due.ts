import ICAL from 'ical.js'
import { dueAtInstant, readStamp, showTime, utcDue } from './dates.ts'
import type { Stamp } from './dates.ts'
import type { TaskNote } from './fields.ts'
import type { Component, Property } from './icalendar-lines.ts'
import { quote } from './text.ts'
import type { Due } from './types.ts'
import { findZone, isZone } from './zones.ts'

export interface Zones {
  /** The VTIMEZONEs of the file by TZID. */
  defined: Map<string, Component>
  /** X-WR-TIMEZONE, the zone of times that name none. */
  calendar: string | null
}

type Say = (message: string) => void

/** DUE, or DTSTART and DURATION. */
export function readDue(task: Component, zones: Zones, notes: TaskNote[]): Due {
  const say: Say = (message) => notes.push({ about: 'due', message })
  const find = (name: string): Property | undefined => task.properties.find((property) => property.name === name)
  const due = find('DUE')
  if (due) return dueOf(due, due.raw, zones, say)
  const start = find('DTSTART')
  const duration = find('DURATION')
  if (!start || !duration) return null
  const end = addDuration(start.raw, duration.raw)
  if (end === null) {
    say(`DURATION ${quote(duration.raw)} not kept: it cannot be added to the start`)
    return null
  }
  say(`due at the start and DURATION ${quote(duration.raw)}`)
  return dueOf(start, end, zones, say)
}

function dueOf(property: Property, raw: string, zones: Zones, say: Say): Due {
  const stamp = readStamp(raw)
  if (!stamp) {
    if (raw.trim() !== '') say(`${property.name} ${quote(raw)} not kept: there is no such date`)
    return null
  }
  if (stamp.seconds !== '00') say(`due ${showTime(raw)}: the seconds are not kept`)
  if (stamp.time === null || stamp.offset !== null) return utcDue(stamp)
  const tzid = property.params.get('TZID')
  const { date, time } = stamp
  if (tzid !== undefined) return zonedDue(stamp, tzid, zones, say)
  const timeZone = zones.calendar ?? 'UTC'
  const from = zones.calendar === null ? 'UTC' : `${timeZone}, the calendar's zone`
  say(`due ${date} ${time} names no zone: taken as ${from}`)
  return { date, time, timeZone }
}

function zonedDue(stamp: Stamp, tzid: string, zones: Zones, say: Say): Due {
  const { date } = stamp
  const time = stamp.time ?? '00:00'
  if (isZone(tzid)) return { date, time, timeZone: tzid }
  const definition = zones.defined.get(tzid)
  const named = definition?.properties.find(({ name }) => name === 'X-LIC-LOCATION')?.raw
  const timeZone = findZone(named ?? '') ?? findZone(tzid)
  if (timeZone !== null) {
    say(`zone ${quote(tzid)} taken as ${timeZone}`)
    return { date, time, timeZone }
  }
  const inUtc = definition === undefined ? null : utcBy(definition, tzid, `${date}T${time}:00`)
  if (inUtc !== null) {
    say(`zone ${quote(tzid)} is no IANA zone: ${date} ${time} became UTC by its VTIMEZONE`)
    return inUtc
  }
  say(`zone ${quote(tzid)} is not known: ${date} ${time} taken as UTC`)
  return { date, time, timeZone: 'UTC' }
}

/** By the zone's own rules, where these are yearly: others could take for ever to expand. */
function utcBy(definition: Component, tzid: string, local: string): Due {
  const rules = definition.components.flatMap(({ source }) => source.filter((line) => /^RRULE/iu.test(line)))
  if (!rules.every((rule) => /FREQ=YEARLY/iu.test(rule) && !/BYHOUR|BYMINUTE|BYSECOND/iu.test(rule))) return null
  try {
    const lines = definition.components.flatMap(({ name, source }) => [`BEGIN:${name}`, ...source, `END:${name}`])
    const text = ['BEGIN:VTIMEZONE', `TZID:${tzid}`, ...lines, 'END:VTIMEZONE'].join('\r\n')
    const component = new ICAL.Component(ICAL.parse(text) as unknown[])
    const zone = new ICAL.Timezone({ component, tzid })
    const time = ICAL.Time.fromDateTimeString(local)
    time.zone = zone
    return definition.components.length === 0 ? null : dueAtInstant(time.toJSDate())
  } catch {
    return null
  }
}

/** In wall-clock time, as RFC 5545 adds days; null if either is unreadable. */
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
