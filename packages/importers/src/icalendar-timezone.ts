/** Writes VTIMEZONEs for the zones of an export, for the years in which tasks are due. */
import { dateText, instantOf, offsetAt } from './dates.ts'
import type { Due } from './types.ts'

type Timed = Extract<Due, { time: string }>
type Component = [name: string, properties: unknown[], components: Component[]]

/** A change of offset. All values are in milliseconds. */
interface Onset {
  at: number
  from: number
  to: number
}

const DAY = 86_400_000
// Zones rarely change their offset twice in this time. If a due time is between two such changes, both are found.
const STEP = 5 * DAY
// A rule is written if this many years follow it.
const RULE_YEARS = 4
// Time zone data lists changes up to 2037.
const KNOWN_UNTIL = 2038
const FIRST = Date.parse('0001-01-02')
const LAST = Date.parse('9999-12-30')

/** Writes a VTIMEZONE for each zone except UTC, which needs none. */
export function writeZones(dues: Due[]): Component[] {
  const timed = dues.filter((due): due is Timed => due !== null && 'time' in due && due.timeZone !== 'UTC')
  return [...Map.groupBy(timed, ({ timeZone }) => timeZone)].map(([timeZone, group]) => writeZone(timeZone, group))
}

function writeZone(timeZone: string, dues: Timed[]): Component {
  const instants = dues.map((due) => instantOf(due).getTime())
  const byYear = Map.groupBy(instants, (instant) => new Date(instant).getUTCFullYear())
  const years = [...byYear.keys()].toSorted((a, b) => a - b)
  const future = findFutureRules(timeZone, years.at(-1) ?? 0)
  const onsets: Onset[] = []
  const addLater = (found: Onset[]): void => {
    onsets.push(...found.filter(({ at }) => at > (onsets.at(-1)?.at ?? -Infinity)))
  }
  for (const year of years) {
    const start = startOf(year)
    const offset = offsetAt(start, timeZone)
    if (!byYear.has(year - 1)) addLater([{ at: start, from: offset, to: offset }])
    addLater(findOnsets(timeZone, year, byYear.get(year) ?? []))
  }
  addLater(future.onsets)
  const parts = onsets.map((onset) => writeOnset(onset, future.rules.get(onset.at)))
  return ['vtimezone', [['tzid', {}, 'text', timeZone]], parts]
}

function startOf(year: number): number {
  return Math.max(Date.parse(dateText(year, 1, 1)) - 2 * DAY, FIRST)
}

/** Finds the changes in a year and a few days around it. At the instants of `also`, the offset must be right. */
function findOnsets(timeZone: string, year: number, also: number[]): Onset[] {
  const start = startOf(year)
  const end = Math.min(start + 370 * DAY, LAST)
  const grid = Array.from({ length: Math.ceil((end - start) / STEP) }, (_, index) => start + index * STEP)
  const probes = [...new Set([...grid, ...also, end])].toSorted((a, b) => a - b)
  const offsets = probes.map((probe) => offsetAt(probe, timeZone))
  return probes.flatMap((probe, index): Onset[] => {
    const [from, to] = [offsets[index - 1], offsets[index]]
    const before = probes[index - 1]
    if (before === undefined || from === undefined || to === undefined || from === to) return []
    return [{ at: bisect(timeZone, before, probe), from, to }]
  })
}

/** Finds the first instant, in whole seconds, at which the offset differs from the offset at `low`. */
function bisect(timeZone: string, low: number, high: number): number {
  const offset = offsetAt(low, timeZone)
  let [before, after] = [low, high]
  while (after - before > 1000) {
    const middle = Math.round((before + after) / 2000) * 1000
    if (offsetAt(middle, timeZone) === offset) before = middle
    else after = middle
  }
  return after
}

interface Future {
  onsets: Onset[]
  /** By the instant of the first onset that follows the rule. */
  rules: Map<number, object>
}

/** Finds the changes from a year on, up to the year from which all known changes follow rules. */
function findFutureRules(timeZone: string, year: number): Future {
  const none = { onsets: [], rules: new Map() }
  if (year < 1970 || year > 9900) return none
  const count = Math.max(KNOWN_UNTIL - year, RULE_YEARS)
  const seasons = Array.from({ length: count }, (_, index) =>
    findOnsets(timeZone, year + index, []).filter(({ at }) => new Date(at).getUTCFullYear() === year + index),
  )
  for (let from = 0; from + RULE_YEARS <= count; from += 1) {
    const rules = rulesOf(seasons.slice(from))
    if (rules !== null) return { onsets: seasons.slice(0, from + 1).flat(), rules }
  }
  return none
}

/** Returns the rule of each change of the first year; null if a later year does not follow it. */
function rulesOf([first = [], ...rest]: Onset[][]): Map<number, object> | null {
  if (!rest.every(({ length }) => length === first.length)) return null
  const rules = first.map((onset, index) => {
    return ruleOf([onset, ...rest.map((season) => season[index]).filter((each) => each !== undefined)])
  })
  // If only one of the two changes of a year had a rule, its offset would stay for good.
  if (!rules.every((rule) => rule !== null)) return null
  return new Map(rules.map((rule, index) => [first[index]?.at ?? 0, rule]))
}

function ruleOf(onsets: Onset[]): object | null {
  const shapes = onsets.map(({ at, from, to }) => {
    const wall = new Date(at + from)
    const date = wall.getUTCDate()
    const next = new Date(wall.getTime() + 7 * DAY)
    const same = [wall.getUTCMonth() + 1, wall.getUTCDay(), wall.toISOString().slice(11), from, to].join()
    return { same, nth: Math.ceil(date / 7), isLast: next.getUTCMonth() !== wall.getUTCMonth(), wall }
  })
  const [first] = shapes
  if (!first || !shapes.every(({ same }) => same === first.same)) return null
  const weekday = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'][first.wall.getUTCDay()]
  const isLast = shapes.every((shape) => shape.isLast)
  if (!isLast && !shapes.every(({ nth }) => nth === first.nth)) return null
  return { freq: 'YEARLY', bymonth: first.wall.getUTCMonth() + 1, byday: `${isLast ? -1 : first.nth}${weekday}` }
}

function writeOnset({ at, from, to }: Onset, rule: object | undefined): Component {
  return [
    to > from ? 'daylight' : 'standard',
    [
      ['dtstart', {}, 'date-time', new Date(at + from).toISOString().slice(0, 19)],
      ['tzoffsetfrom', {}, 'utc-offset', writeOffset(from)],
      ['tzoffsetto', {}, 'utc-offset', writeOffset(to)],
      ...(rule === undefined ? [] : [['rrule', {}, 'recur', rule]]),
    ],
    [],
  ]
}

/** `+01:00`, with seconds only if they are not zero. */
function writeOffset(offset: number): string {
  const text = new Date(Math.abs(offset)).toISOString().slice(11, 19)
  return `${offset < 0 ? '-' : '+'}${text.endsWith(':00') ? text.slice(0, 5) : text}`
}
