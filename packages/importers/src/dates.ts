import type { Due } from './types.ts'

/** A date, or a date and time, as written in a file. */
export interface Stamp {
  date: string
  /** `HH:MM` */
  time: string | null
  /** `SS` */
  seconds: string
  /** `Z`, `+HH:MM`, or null if the time has no offset. */
  offset: string | null
}

const STAMP = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?)?$/iu

/** Returns `YYYY-MM-DD`, even for a date that does not exist. */
export function dateText(year: number, month: number, day: number): string {
  return [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-')
}

/** True for a date that exists, written `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(text) || text.startsWith('0000')) return false
  const instant = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text)
}

export function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/u.test(text)
}

/** Parses ISO 8601, extended (`2026-01-31T09:30Z`) or basic (`20260131T093000Z`). Returns null for other text. */
export function readStamp(text: string): Stamp | null {
  const match = STAMP.exec(text.trim())
  if (!match) return null
  const [, year, month, day, hour, minute, second = '00', zone] = match
  const date = `${year}-${month}-${day}`
  if (!isDate(date)) return null
  if (hour === undefined) return { date, time: null, seconds: '00', offset: null }
  const time = `${hour}:${minute}`
  if (!isTime(time) || Number(second) > 60) return null
  return { date, time, seconds: second, offset: zone === undefined ? null : readOffset(zone) }
}

function readOffset(zone: string): string {
  return zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`
}

/** Converts a stamp to a due date in a zone. A time without an offset is a wall-clock time there. */
export function toDue(stamp: Stamp, timeZone: string): Due {
  if (stamp.time === null) return { date: stamp.date }
  if (stamp.offset === null) return { date: stamp.date, time: stamp.time, timeZone }
  return dueAtInstant(new Date(`${stamp.date}T${stamp.time}:00${stamp.offset}`), timeZone)
}

/** Converts an instant to a due time in a zone. Returns null outside the years 1 to 9999. */
export function dueAtInstant(instant: Date, timeZone: string): Due {
  if (Number.isNaN(instant.getTime())) return null
  const { date, time } = wallClock(instant, timeZone)
  return isDate(date) ? { date, time, timeZone } : null
}

/** Like `dueAtInstant`, but the start of a day becomes an all-day date, since some programs write dates in this way. */
export function dueOrDateAt(instant: Date, timeZone: string): Due {
  const due = dueAtInstant(instant, timeZone)
  if (due === null) return null
  const dayStart = instantOf({ date: due.date, time: '00:00', timeZone })
  return dayStart.getTime() === instant.getTime() ? { date: due.date } : due
}

/** Returns the date and time (`HH:MM`) in a zone at an instant. */
export function wallClock(instant: Date, timeZone: string): { date: string; time: string } {
  const wall = new Date(instant.getTime() + offsetAt(instant.getTime(), timeZone))
  const iso = wall.toISOString()
  return { date: iso.slice(0, 10), time: iso.slice(11, 16) }
}

/** Returns a date some days later; an empty string if it is outside the range of Date. */
export function addDays(date: string, days: number): string {
  const moved = new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY)
  return Number.isNaN(moved.getTime()) ? '' : moved.toISOString().slice(0, 10)
}

const DAY = 86_400_000

/**
 * Returns the instant of a due date by the contract's rules. A time that the clocks skip moves forward by the gap. For
 * a repeated time, the first instant counts. An all-day date is 00:00 UTC.
 */
export function instantOf(due: NonNullable<Due>): Date {
  if (!('time' in due)) return new Date(`${due.date}T00:00:00Z`)
  const wall = Date.parse(`${due.date}T${due.time}:00Z`)
  return new Date(instantOfWall(wall, (instant) => offsetAt(instant, due.timeZone)))
}

/** Converts a wall-clock time, written as if in UTC, to its instant. All values are in milliseconds. */
export function instantOfWall(wall: number, offset: (instant: number) => number): number {
  const before = offset(wall - DAY)
  const candidates = [wall - before, wall - offset(wall + DAY)].filter((instant) => instant + offset(instant) === wall)
  return candidates.length > 0 ? Math.min(...candidates) : wall - before
}

/** Returns the offset of a zone from UTC at an instant, in milliseconds. */
export function offsetAt(instant: number, timeZone: string): number {
  const name = formatOf(timeZone)
    .formatToParts(instant)
    .find((part) => part.type === 'timeZoneName')?.value
  return parseOffset(name?.replace('GMT', '') ?? '') ?? 0
}

/** Parses `+01:00`, `+0100` or `-053000` to milliseconds. Some files omit the plus. */
export function parseOffset(text: string): number | null {
  const match = /^([+-]?)(\d{2}):?(\d{2}):?(\d{2})?$/u.exec(text)
  if (!match) return null
  const [, sign, hours, minutes, seconds = '0'] = match
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -size : size
}

// Creating a format takes far longer than using it.
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  formats.set(timeZone, format)
  return format
}

/** Formats a stamp for a note: `2006-03-13T18:00:00Z` for `20060313T180000Z`. Other text is only trimmed. */
export function showTime(text: string): string {
  const stamp = readStamp(text)
  if (!stamp) return text.trim()
  if (stamp.time === null) return stamp.date
  return `${stamp.date}T${stamp.time}:${stamp.seconds}${stamp.offset ?? ''}`
}
