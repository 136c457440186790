import type { Due } from '@taskwire/contract/fields'
import { instantOf } from '@taskwire/contract/instant'
import type { Task } from '@taskwire/contract/task'
import type { DueRange, TaskFilter } from '@taskwire/contract/task-filter'
import { compareTexts } from './compare-texts.ts'
import { addDays, type Clock, dateIn } from './zone.ts'

/** Compares a due, and its instant if it has a time, with a bound: below 0 if it is before. */
type Compared = (due: Due, dueAt: string | null) => number

/** Returns whether a task is overdue: open, not in the trash, and due before now. */
export function overdueMatcher({ now, timeZone }: Clock): (task: Task) => boolean {
  const compared = comparedToInstant(now.toISOString(), timeZone)
  return ({ complete, deletedAt, due, dueAt }) =>
    !complete && deletedAt === null && due !== null && compared(due, dueAt) < 0
}

/** Returns whether a task matches `due` of a filter. */
export function dueMatcher(filter: NonNullable<TaskFilter['due']>, clock: Clock): (task: Task) => boolean {
  if (filter === 'none') return ({ due }) => due === null
  if (filter === 'overdue') return overdueMatcher(clock)
  const { timeZone } = clock
  const range: DueRange = filter === 'today' ? { on: dateIn(clock.now.getTime(), timeZone) } : filter
  const on = range.on === undefined ? undefined : comparedToDate(range.on, timeZone)
  const before = range.before === undefined ? undefined : comparedTo(range.before, timeZone)
  const after = range.after === undefined ? undefined : comparedTo(range.after, timeZone)
  return ({ due, dueAt }) =>
    due !== null &&
    (on === undefined || on(due, dueAt) === 0) &&
    (before === undefined || before(due, dueAt) < 0) &&
    (after === undefined || after(due, dueAt) > 0)
}

const comparedTo = (bound: string, timeZone: string): Compared =>
  bound.length === 10 ? comparedToDate(bound, timeZone) : comparedToInstant(instantOf(bound), timeZone)

function comparedToInstant(instant: string, timeZone: string): Compared {
  const date = dateIn(Date.parse(instant), timeZone)
  return (due, dueAt) => (dueAt === null ? compareTexts(due.date, date) : compareTexts(dueAt, instant))
}

/**
 * An instant is converted to the zone, which is slow, only if it may matter: no zone is a day away from UTC, so its date
 * in the zone is at most one day before or after its date in UTC.
 */
function comparedToDate(date: string, timeZone: string): Compared {
  const [first, end] = [addDays(date, -1), addDays(date, 2)]
  // Many dues of a day have the same instant: dues are at whole minutes.
  const dates = new Map<string, string>()
  const dateOf = (dueAt: string): string => {
    let found = dates.get(dueAt)
    if (found === undefined) dates.set(dueAt, (found = dateIn(Date.parse(dueAt), timeZone)))
    return found
  }
  return (due, dueAt) => {
    if (dueAt === null) return compareTexts(due.date, date)
    if (dueAt < first) return -1
    if (dueAt >= end) return 1
    return compareTexts(dateOf(dueAt), date)
  }
}
