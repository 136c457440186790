import type { Due } from '@taskwire/client'
import { addDays, instantOf, isDate, isTime, wallClock } from '@taskwire/importers'
import { InvalidArgumentError } from 'commander'

/** A day, perhaps with a time, as written on the command line. */
export interface When {
  day: string
  time: string | null
}

const PATTERN = /^(today|tomorrow|\d{4}-\d{2}-\d{2})(?:[T ]+(\d{1,2}:\d{2}))?$/iu

/** Parses `2026-11-22`, `today` or `tomorrow`, each perhaps with a time: `today 18:00`. */
export function parseWhen(text: string): When {
  const match = PATTERN.exec(text.trim())
  if (match === null) throw new InvalidArgumentError('Write YYYY-MM-DD, "YYYY-MM-DD HH:MM", today or tomorrow.')
  const [, day = '', clock] = match
  const time = clock?.padStart(5, '0') ?? null
  if (time !== null && !isTime(time))
    throw new InvalidArgumentError(`${clock} is not a time of day. Write 00:00 to 23:59.`)
  if (/^\d/u.test(day) && !isDate(day)) throw new InvalidArgumentError(`The calendar has no ${day}.`)
  return { day: day.toLowerCase(), time }
}

/** True if the value depends on a time zone. */
export function needsZone({ day, time }: When): boolean {
  return time !== null || !/^\d/u.test(day)
}

/** Returns the local date in a zone at an instant. */
export function dateIn(instant: Date, timeZone: string): string {
  return wallClock(instant, timeZone).date
}

export function toDue({ day, time }: When, timeZone: string, now: Date): Due {
  const date = dateOf(day, timeZone, now)
  return time === null ? { date } : { date, time, timeZone }
}

/** The bound of a filter: a date or an instant. */
export function toBound(when: When, timeZone: string, now: Date): string {
  const due = toDue(when, timeZone, now)
  return 'time' in due ? instantOf(due).toISOString() : due.date
}

function dateOf(day: string, timeZone: string, now: Date): string {
  const today = dateIn(now, timeZone)
  if (day === 'today') return today
  return day === 'tomorrow' ? addDays(today, 1) : day
}

/** Formats a due date for display, with its zone if it is not the user's own zone. */
export function formatDue(due: Due | null, ownZone: string | undefined): string {
  if (due === null) return ''
  if (!('time' in due)) return due.date
  return `${due.date} ${due.time}${due.timeZone === ownZone ? '' : ` ${due.timeZone}`}`
}

/** Formats an instant for display, in the local time of a zone. */
export function formatTime(instant: string, timeZone: string): string {
  const { date, time } = wallClock(new Date(instant), timeZone)
  return `${date} ${time}`
}

/** Says whether a due date has passed, is today in the zone, or is later. */
export function nearness(due: Due | null, timeZone: string, now: Date): 'none' | 'overdue' | 'today' | 'later' {
  if (due === null) return 'none'
  const today = dateIn(now, timeZone)
  if ('time' in due) {
    const at = instantOf(due)
    if (at.getTime() < now.getTime()) return 'overdue'
    return dateIn(at, timeZone) === today ? 'today' : 'later'
  }
  if (due.date < today) return 'overdue'
  return due.date === today ? 'today' : 'later'
}
