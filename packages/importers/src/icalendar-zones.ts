/** Resolves the TZIDs of a file to time zones. The file's own definition (VTIMEZONE) takes precedence over the name. */
import { isTimeZone } from '@taskwire/contract/time-zone'
import { dueAtInstant, instantOf, instantOfWall } from './dates.ts'
import type { TaskNote } from './fields.ts'
import { type Component, propertyOf } from './icalendar-lines.ts'
import { readRules, type ZoneRules } from './icalendar-rules.ts'
import { quote } from './text.ts'
import type { Due } from './types.ts'
import { findZone } from './zones.ts'

/** A wall-clock time without its zone. */
export interface Wall {
  date: string
  time: string
}

export interface Zones {
  /** Converts a time under a TZID to a due time, with a note unless the TZID is the name of the zone. */
  resolve(wall: Wall, tzid: string): { due: Due; note: TaskNote | null }
  /** The calendar's zone (X-WR-TIMEZONE), for times without a zone. */
  calendar: string | null
  /** The account's zone. */
  account: string
}

interface Options {
  /** Returns the VTIMEZONE of a TZID. */
  define: (tzid: string) => Component | undefined
  calendar: string | null
  account: string
  /**
   * The due times in the calendar by TZID. A zone replaces the file's definition only if both agree on all these times.
   */
  used: ReadonlyMap<string, Wall[]>
}

type Resolver = (wall: Wall) => { due: Due; note: TaskNote | null }

export function createZones({ define, calendar, account, used }: Options): Zones {
  const resolvers = new Map<string, Resolver>()
  const createResolver = (tzid: string): Resolver => {
    const definition = define(tzid)
    const located = definition && propertyOf(definition, 'X-LIC-LOCATION')?.raw
    const named = [isTimeZone(tzid) ? tzid : null, findZone(located ?? ''), findZone(tzid)].filter(
      (zone) => zone !== null,
    )
    const rules = definition === undefined ? null : readRules(definition)
    if (rules === null) return resolveByName(tzid, named[0], account)
    const candidates = [...named, calendar, account].filter((zone) => zone !== null)
    const walls = used.get(tzid) ?? []
    const matching = candidates.find((zone) => walls.every((wall) => agrees(wall, zone, rules)))
    return matching === undefined ? resolveByRules(tzid, rules, account) : resolveByName(tzid, matching, account)
  }
  return {
    resolve(wall, tzid) {
      const resolver = resolvers.get(tzid) ?? createResolver(tzid)
      resolvers.set(tzid, resolver)
      return resolver(wall)
    },
    calendar,
    account,
  }
}

function agrees({ date, time }: Wall, timeZone: string, rules: ZoneRules): boolean {
  return instantOf({ date, time, timeZone }).getTime() === instantByRules(rules, { date, time })
}

function instantByRules(rules: ZoneRules, { date, time }: Wall): number {
  return instantOfWall(Date.parse(`${date}T${time}:00Z`), rules)
}

function resolveByName(tzid: string, found: string | undefined, account: string): Resolver {
  const timeZone = found ?? account
  const kind = found === undefined ? 'zone-unknown' : 'zone'
  const note: TaskNote = { kind, about: 'due', detail: `${quote(tzid)} is read as ${timeZone}` }
  return (wall) => ({ due: { ...wall, timeZone }, note: timeZone === tzid ? null : note })
}

function resolveByRules(tzid: string, rules: ZoneRules, account: string): Resolver {
  return (wall) => ({
    due: dueAtInstant(new Date(instantByRules(rules, wall)), account),
    note: {
      kind: 'zone-converted',
      about: 'due',
      detail: `${wall.date} ${wall.time} ${quote(tzid)} was converted to ${account} by the file's own rules`,
    },
  })
}
