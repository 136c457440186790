/** Evaluates the rules of a VTIMEZONE. All times are in milliseconds. */
import { dateText, parseOffset, readStamp } from './dates.ts'
import type { Component } from './icalendar-lines.ts'

/** Returns the offset from UTC at an instant. */
export type ZoneRules = (instant: number) => number

/** A STANDARD or DAYLIGHT part. From each of its onsets on, the offset is `to`. */
interface Observance {
  from: number
  to: number
  /** Wall-clock times, written as if in UTC, sorted. */
  onsets: number[]
  rule: Yearly | null
}

/** A rule with one onset a year. */
interface Yearly {
  month: number
  day: { kind: 'date'; dates: number[] } | { kind: 'weekday'; weekday: number; nth: number; dates: number[] }
  /** The first onset. All onsets have its time of day. */
  first: number
  /** An instant. */
  until: number
  /** Computed onsets, as wall-clock times by year. */
  computed: Map<number, number>
}

// Far more than any real zone has.
const MAX_ONSETS = 500
const DAY = 86_400_000
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']

/** Returns null if there are no rules, or rules of a kind that no real zone needs. */
export function readRules(zone: Component): ZoneRules | null {
  const parts = zone.components.filter(({ name }) => name === 'STANDARD' || name === 'DAYLIGHT')
  if (parts.length === 0 || parts.length > MAX_ONSETS) return null
  const observances = parts.map(readObservance)
  if (!observances.every((each) => each !== null)) return null
  if (observances.reduce((sum, { onsets }) => sum + onsets.length, 0) > MAX_ONSETS) return null
  const [earliest] = observances.toSorted((a, b) => (a.onsets[0] ?? 0) - (b.onsets[0] ?? 0))
  return (instant) => {
    let latest = -Infinity
    let offset = earliest?.from ?? 0
    for (const observance of observances) {
      const onset = findLastOnset(observance, instant)
      if (onset > latest) [latest, offset] = [onset, observance.to]
    }
    return offset
  }
}

function readObservance(part: Component): Observance | null {
  const values = (name: string): string[] =>
    part.properties.filter((property) => property.name === name).map(({ raw }) => raw.trim())
  const from = parseOffset(values('TZOFFSETFROM')[0] ?? '')
  const to = parseOffset(values('TZOFFSETTO')[0] ?? '')
  const start = readWall(values('DTSTART')[0] ?? '')
  const dates = values('RDATE').flatMap((list) => list.split(',').map(readWall))
  const rules = values('RRULE')
  if (from === null || to === null || start === null || rules.length > 1) return null
  const onsets = [start, ...dates].filter((wall) => wall !== null).toSorted((a, b) => a - b)
  if (rules[0] === undefined) return { from, to, onsets, rule: null }
  const rule = readYearly(rules[0], start, from)
  return rule === null ? null : { from, to, onsets, rule }
}

function readWall(text: string): number | null {
  const stamp = readStamp(text)
  return stamp ? Date.parse(`${stamp.date}T${stamp.time ?? '00:00'}:${stamp.seconds}Z`) : null
}

function readYearly(text: string, start: number, from: number): Yearly | null {
  const parts = new Map(
    text
      .toUpperCase()
      .split(';')
      .map((part): [string, string] => {
        const [name = '', value = ''] = part.split('=')
        return [name.trim(), value.trim()]
      }),
  )
  const known = ['FREQ', 'INTERVAL', 'BYMONTH', 'BYDAY', 'BYMONTHDAY', 'UNTIL', 'WKST']
  if (![...parts.keys()].every((name) => known.includes(name))) return null
  if (parts.get('FREQ') !== 'YEARLY' || (parts.get('INTERVAL') ?? '1') !== '1') return null
  const first = new Date(start)
  const month = Number(parts.get('BYMONTH') ?? (parts.has('BYDAY') ? Number.NaN : first.getUTCMonth() + 1))
  const day = readDay(parts.get('BYDAY'), parts.get('BYMONTHDAY'), first.getUTCDate())
  const until = readUntil(parts.get('UNTIL'), from)
  if (!Number.isInteger(month) || month < 1 || month > 12 || day === null || until === null) return null
  return { month, day, first: start, until, computed: new Map() }
}

function readDay(byDay: string | undefined, byMonthDay: string | undefined, date: number): Yearly['day'] | null {
  const dates = byMonthDay?.split(',').map(Number) ?? []
  if (!dates.every((each) => Number.isInteger(each) && each >= 1 && each <= 31)) return null
  if (byDay === undefined) return { kind: 'date', dates: dates.length > 0 ? dates : [date] }
  const [, nth, name = ''] = /^([+-]?[1-5])?(SU|MO|TU|WE|TH|FR|SA)$/u.exec(byDay) ?? []
  if (name === '' || (nth === undefined) === (dates.length === 0)) return null
  return { kind: 'weekday', weekday: WEEKDAYS.indexOf(name), nth: Number(nth ?? 1), dates }
}

function readUntil(text: string | undefined, from: number): number | null {
  if (text === undefined) return Infinity
  const stamp = readStamp(text)
  const wall = readWall(text)
  if (!stamp || wall === null) return null
  if (stamp.offset === 'Z') return wall
  return stamp.time === null ? wall + DAY - from : wall - from
}

/** Returns the last onset at or before an instant; -Infinity if there is none. */
function findLastOnset({ from, onsets, rule }: Observance, instant: number): number {
  const listed = onsets.findLast((wall) => wall - from <= instant)
  let latest = listed === undefined ? -Infinity : listed - from
  if (rule === null) return latest
  const year = new Date(Math.min(instant, rule.until) + from).getUTCFullYear()
  for (const each of [year - 1, year]) {
    const wall = onsetInYear(rule, each)
    const onset = wall - from
    if (wall >= rule.first && onset <= Math.min(instant, rule.until)) latest = Math.max(latest, onset)
  }
  return latest
}

function onsetInYear(rule: Yearly, year: number): number {
  const wall = rule.computed.get(year) ?? computeOnset(rule, year)
  rule.computed.set(year, wall)
  return wall
}

function computeOnset({ month, day, first }: Yearly, year: number): number {
  const length = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  const date = dateIn(day, length, (date) => new Date(utcDay(year, month, date)).getUTCDay())
  return date === undefined ? Number.NaN : utcDay(year, month, date) + (first - Math.floor(first / DAY) * DAY)
}

/** Returns the date of the onset in a month of `length` days. */
function dateIn(day: Yearly['day'], length: number, weekdayOf: (date: number) => number): number | undefined {
  const all = Array.from({ length }, (_, index) => index + 1)
  const allowed = day.dates.length > 0 ? all.filter((date) => day.dates.includes(date)) : all
  if (day.kind === 'date') return allowed[0]
  const fitting = allowed.filter((date) => weekdayOf(date) === day.weekday)
  return fitting.at(day.nth > 0 ? day.nth - 1 : day.nth)
}

/** Like Date.UTC, which reads years below 100 as 1900 to 1999. */
function utcDay(year: number, month: number, date: number): number {
  return Date.parse(dateText(year, month, date))
}
