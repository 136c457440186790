import type { Due, DueRange, Task } from '@taskwire/contract'

/**
 * Returns the instant of a due time. A local time that the clocks skip moves by the gap; a repeated one means the first
 * of the two.
 */
export function dueAtOf(due: Due | null): string | null {
  if (due?.time === undefined) return null
  const local = Temporal.PlainDateTime.from(`${due.date}T${due.time}`)
  return new Date(local.toZonedDateTime(due.timeZone, { disambiguation: 'compatible' }).epochMilliseconds).toISOString()
}

export function dateIn(instant: string | number, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(new Date(instant).getTime())
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .toString()
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Compares a due date or time with a bound: below 0 if it is before. */
function compareToBound(task: Task, bound: string, zone: string): number {
  if (task.due === null) return Number.NaN
  const allDay = task.dueAt === null
  if (bound.length === 10) return compare(allDay ? task.due.date : dateIn(task.dueAt ?? '', zone), bound)
  const instant = new Date(bound).toISOString()
  return allDay ? compare(task.due.date, dateIn(instant, zone)) : compare(task.dueAt ?? '', instant)
}

export function inRange(task: Task, { on, before, after }: DueRange, zone: string): boolean {
  return (
    task.due !== null &&
    (on === undefined || compareToBound(task, on, zone) === 0) &&
    (before === undefined || compareToBound(task, before, zone) < 0) &&
    (after === undefined || compareToBound(task, after, zone) > 0)
  )
}

export function isOverdue(task: Task, zone: string, now: number): boolean {
  if (task.complete || task.deletedAt !== null || task.due === null) return false
  return task.dueAt === null ? task.due.date < dateIn(now, zone) : task.dueAt < new Date(now).toISOString()
}
