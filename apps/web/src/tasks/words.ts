import type { Due, Task } from '@taskwire/client'

const DAY = 86_400_000
// Dates have no zone: they are written as if in UTC.
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', timeZone: 'UTC' })
const dayAndMonth = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
})
const full = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
const nearby = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

/** Writes a date as people say it: tomorrow, Friday, Thu 24 Dec. */
export function formatDate(date: string, today: string): string {
  const day = new Date(date)
  const days = Math.round((day.valueOf() - Date.parse(today)) / DAY)
  if (Math.abs(days) <= 1) return capital(nearby.format(days, 'day'))
  if (days > 1 && days < 7) return weekday.format(day)
  return date.slice(0, 4) === today.slice(0, 4) ? formatDay(date) : full.format(day)
}

/** Writes a date as calendars do: Thu 24 Dec. */
export const formatDay = (date: string): string => dayAndMonth.format(new Date(date))

export function formatDue({ date, time }: Due, today: string): string {
  const day = formatDate(date, today)
  return time === undefined ? day : `${day}, ${time}`
}

/** True if an open task was due before today, or earlier today. */
export function isLate({ complete, due, dueAt }: Task, today: string): boolean {
  if (complete || due === null) return false
  return dueAt === null ? due.date < today : Date.parse(dueAt) < Date.now()
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
