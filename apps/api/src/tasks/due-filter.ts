import type { TaskFilter } from '@taskwire/contract'
import { sql, type SQL } from '@taskwire/db'

/** When a call is made, and in which zone its dates are told. Each is worked out once, not for each task. */
export interface Clock {
  now: SQL
  zone: SQL
}

/** The clock of a call: its zone is the account's unless given. A page after the first has that of the first. */
export function clockOf(timeZone: string | null = null, now: string | null = null): Clock {
  return {
    // To the millisecond, as a cursor has it.
    now: sql`coalesce(${now}::timestamptz, date_trunc('milliseconds', now()))`,
    zone: sql`coalesce(${timeZone}::text, (select u.time_zone from auth.users u where u.id = tw.account()))`,
  }
}

/** Whether what a filter finds depends on the clock. */
export function needsClock({ due }: TaskFilter = {}): boolean {
  return due !== undefined && due !== 'none'
}

/** What a due is compared with: a day, and the instant for a due with a time, where it is one. */
interface Bound {
  day: SQL
  instant?: SQL
}

const dateBound = (date: string): Bound => ({ day: sql`(select ${date}::date)` })
const instantBound = ({ zone }: Clock, instant: SQL): Bound => ({
  day: sql`(select (${instant} at time zone tw.zone(${zone}))::date)`,
  instant,
})
const boundOf = (clock: Clock, bound: string): Bound =>
  bound.length === 10 ? dateBound(bound) : instantBound(clock, sql`${bound}::timestamptz`)

// The date on the wall and that of the same instant in another zone are at most three days apart: 31 hours between
// two zones, and 24 that the clocks of one have skipped. By that much the index of due dates narrows it down.
const NEAR = {
  '<': (day: SQL) => sql`t.due_date <= (select ${day} + 3)`,
  '>': (day: SQL) => sql`t.due_date >= (select ${day} - 3)`,
  '=': (day: SQL) => sql`t.due_date between (select ${day} - 3) and (select ${day} + 3)`,
}

function compare({ zone }: Clock, operator: keyof typeof NEAR, { day, instant }: Bound): SQL {
  const is = sql.raw(operator)
  const timed =
    instant === undefined
      ? sql`(t.due_at at time zone (select tw.zone(${zone})))::date ${is} ${day}`
      : sql`t.due_at ${is} ${instant}`
  return sql`${NEAR[operator](day)} and case when t.due_time is null then t.due_date ${is} ${day} else ${timed} end`
}

/** Open, not in the trash, and due before now; an all-day one before today in the zone. */
export function overdue(clock: Clock): SQL {
  return sql`(not t.complete and t.deleted_at is null and ${compare(clock, '<', instantBound(clock, clock.now))})`
}

/** The condition on `t` of `due` in a filter. */
export function filterDue(due: NonNullable<TaskFilter['due']>, clock: Clock): SQL {
  if (due === 'none') return sql`t.due_date is null`
  if (due === 'overdue') return overdue(clock)
  if (due === 'today') return compare(clock, '=', { day: instantBound(clock, clock.now).day })
  const { on, before, after } = due
  const all: SQL[] = []
  if (on !== undefined) all.push(compare(clock, '=', dateBound(on)))
  if (before !== undefined) all.push(compare(clock, '<', boundOf(clock, before)))
  if (after !== undefined) all.push(compare(clock, '>', boundOf(clock, after)))
  return sql.join(all, sql` and `)
}
