import type { Due } from './types.ts'

/** A date, or a date and time, as it stands in a file. */
export interface Stamp {
  date: string
  /** `HH:MM` */
  time: string | null
  /** `SS` */
  seconds: string
  /** `Z`, `+HH:MM`, or null for a time without a zone. */
  offset: string | null
}

const STAMP = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?)?$/iu

/** True for a `YYYY-MM-DD` that the calendar has. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(text) || text.startsWith('0000')) return false
  const instant = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text)
}

export function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/u.test(text)
}

/** Reads ISO 8601, extended (`2026-01-31T09:30Z`) or basic (`20260131T093000Z`); null if there is no such date. */
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

/** A stamp with an offset, as a due time in UTC. */
export function utcDue(stamp: Stamp): Due {
  if (stamp.time === null) return { date: stamp.date }
  if (stamp.offset === null || stamp.offset === 'Z') {
    return { date: stamp.date, time: stamp.time, timeZone: 'UTC' }
  }
  return dueAtInstant(new Date(`${stamp.date}T${stamp.time}:00${stamp.offset}`))
}

/** An instant, as a due time in UTC; null where it is outside the calendar. */
export function dueAtInstant(instant: Date): Due {
  if (Number.isNaN(instant.getTime())) return null
  const iso = instant.toISOString()
  const date = iso.slice(0, 10)
  return isDate(date) ? { date, time: iso.slice(11, 16), timeZone: 'UTC' } : null
}

/**
 * The instant of a due date, as the contract has it: an all-day date is 00:00 UTC; a time that the
 * clocks skip moves forward by the gap, and a repeated one is the first.
 */
export function instantOf(due: NonNullable<Due>): Date {
  const wall = Date.parse(`${due.date}T${'time' in due ? due.time : '00:00'}:00Z`)
  if (!('time' in due)) return new Date(wall)
  const day = 86_400_000
  const before = offsetAt(wall - day, due.timeZone)
  const after = offsetAt(wall + day, due.timeZone)
  const fitting = [wall - before, wall - after].filter((instant) => instant + offsetAt(instant, due.timeZone) === wall)
  return new Date(fitting.length > 0 ? Math.min(...fitting) : wall - before)
}

function offsetAt(instant: number, timeZone: string): number {
  const name = formatOf(timeZone)
    .formatToParts(instant)
    .find((part) => part.type === 'timeZoneName')?.value
  const match = /([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/u.exec(name ?? '')
  if (!match) return 0
  const [, sign, hours, minutes, seconds = '0'] = match
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -size : size
}

// Making one takes far longer than using it.
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  formats.set(timeZone, format)
  return format
}

/** For a note: `2006-03-13T18:00:00Z` for `20060313T180000Z`; text that is no date stays as it is. */
export function showTime(text: string): string {
  const stamp = readStamp(text)
  if (!stamp) return text.trim()
  if (stamp.time === null) return stamp.date
  return `${stamp.date}T${stamp.time}:${stamp.seconds}${stamp.offset ?? ''}`
}
