/** Which zone a TZID of a file means. What the file itself says of it counts before its name. */
import { isTimeZone } from '@taskwire/contract/time-zone'
import { dueAtInstant, instantOf, instantOfWall } from './dates.ts'
import type { TaskNote } from './fields.ts'
import type { Component } from './icalendar-lines.ts'
import { readRules } from './icalendar-rules.ts'
import type { ZoneRules } from './icalendar-rules.ts'
import { quote } from './text.ts'
import type { Due } from './types.ts'
import { findZone } from './zones.ts'

/** A wall-clock time without its zone. */
export interface Wall {
  date: string
  time: string
}

export interface Zones {
  /** A time under a TZID, as a due time, with a note where its zone is not just that name. */
  place(wall: Wall, tzid: string): { due: Due; note: TaskNote | null }
  /** The calendar's own zone (X-WR-TIMEZONE), of times that name none. */
  calendar: string | null
  /** The account's. */
  account: string
}

interface Options {
  /** The VTIMEZONE of a TZID. */
  define: (tzid: string) => Component | undefined
  calendar: string | null
  account: string
  /** The times that the calendar's tasks have under each TZID: a zone must fit all of them. */
  used: ReadonlyMap<string, Wall[]>
}

type Place = (wall: Wall) => { due: Due; note: TaskNote | null }

export function createZones({ define, calendar, account, used }: Options): Zones {
  const places = new Map<string, Place>()
  const resolve = (tzid: string): Place => {
    const definition = define(tzid)
    const located = definition?.properties.find(({ name }) => name === 'X-LIC-LOCATION')?.raw ?? ''
    const named = [isTimeZone(tzid) ? tzid : null, findZone(located), findZone(tzid)].filter((zone) => zone !== null)
    const rules = definition === undefined ? null : readRules(definition)
    if (rules === null) return byName(tzid, named[0], account)
    const candidates = [...named, calendar, account].filter((zone) => zone !== null)
    const walls = used.get(tzid) ?? []
    const fitting = candidates.find((zone) => walls.every((wall) => fits(wall, zone, rules)))
    return fitting === undefined ? byRules(tzid, rules, account) : byName(tzid, fitting, account)
  }
  return {
    place(wall, tzid) {
      const place = places.get(tzid) ?? resolve(tzid)
      places.set(tzid, place)
      return place(wall)
    },
    calendar,
    account,
  }
}

function fits({ date, time }: Wall, timeZone: string, rules: ZoneRules): boolean {
  return instantOf({ date, time, timeZone }).getTime() === instantBy(rules, { date, time })
}

function instantBy(rules: ZoneRules, { date, time }: Wall): number {
  return instantOfWall(Date.parse(`${date}T${time}:00Z`), rules)
}

function byName(tzid: string, found: string | undefined, account: string): Place {
  const timeZone = found ?? account
  const kind = found === undefined ? 'zone-unknown' : 'zone'
  const note: TaskNote = { kind, about: 'due', detail: `${quote(tzid)} is taken as ${timeZone}` }
  return (wall) => ({ due: { ...wall, timeZone }, note: timeZone === tzid ? null : note })
}

function byRules(tzid: string, rules: ZoneRules, account: string): Place {
  return (wall) => ({
    due: dueAtInstant(new Date(instantBy(rules, wall)), account),
    note: {
      kind: 'zone-converted',
      about: 'due',
      detail: `${wall.date} ${wall.time} ${quote(tzid)} became a time of ${account}, by the file's own rules`,
    },
  })
}
