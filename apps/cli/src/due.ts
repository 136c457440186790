import type { Due } from '@taskwire/client'
import { instantOf, isDate, isTime } from '@taskwire/importers'
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

// Creating a format takes far longer than using it.
const clocks = new Map<string, Intl.DateTimeFormat>()

/** The local date and time in a zone at an instant: `2026-11-22` and `09:30`. */
function wallClock(instant: Date, timeZone: string): { date: string; time: string } {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
  clocks.set(timeZone, clock)
  const parts = new Map(clock.formatToParts(instant).map(({ type, value }) => [type, value]))
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? ''
  return {
    date: `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`,
    time: `${part('hour')}:${part('minute')}`,
  }
}

/** The local date in a zone at an instant. */
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
  if (day !== 'tomorrow') return day
  return new Date(Date.parse(`${today}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

/** The due date for display, with its zone if that is not the user's own. */
export function formatDue(due: Due | null, ownZone: string | undefined): string {
  if (due === null) return ''
  if (!('time' in due)) return due.date
  return `${due.date} ${due.time}${due.timeZone === ownZone ? '' : ` ${due.timeZone}`}`
}

/** An instant for display, in the local time of a zone. */
export function formatTime(instant: string, timeZone: string): string {
  const { date, time } = wallClock(new Date(instant), timeZone)
  return `${date} ${time}`
}

/** Whether a due date has passed, is today in the zone, or is later. */
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
