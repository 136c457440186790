import type { TaskFilter } from '@taskwire/contract'
import type { Parameter } from '@taskwire/db'
import type { Clause } from './filter-clauses.ts'

/** The time of a call (null is now), and the time zone in which its dates are meant (null is the account's). */
export interface Clock {
  now: string | null
  timeZone: string | null
}

/** Returns the clock of a call. Every page of a list has the clock of its first page. */
export function clockOf(timeZone: string | null = null, now: string | null = null): Clock {
  return { now, timeZone }
}

/** Whether the tasks that a filter matches depend on the clock. */
export function needsClock({ due }: TaskFilter = {}): boolean {
  return due !== undefined && due !== 'none'
}

const isDate = (bound: string): boolean => bound.length === 10

/** Returns the names of the conditions for `due` of a filter. */
export function dueClauses(due: NonNullable<TaskFilter['due']>): readonly Clause[] {
  if (due === 'none') return ['due none']
  if (due === 'overdue') return ['overdue']
  if (due === 'today') return ['due today']
  const { on, before, after } = due
  const names: Clause[] = []
  if (on !== undefined) names.push('due on')
  if (before !== undefined) names.push(isDate(before) ? 'due before day' : 'due before instant')
  if (after !== undefined) names.push(isDate(after) ? 'due after day' : 'due after instant')
  return names
}

/** Returns the parameters for `due` of a filter. */
export function dueValues(due: NonNullable<TaskFilter['due']>): Record<string, Parameter> {
  const { on = null, before = null, after = null } = typeof due === 'object' ? due : {}
  return { due_on: on, due_before: before, due_after: after }
}
