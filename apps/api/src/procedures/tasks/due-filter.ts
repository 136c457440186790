import type { TaskFilter } from '@taskwire/contract'
import type { Parameter } from '@taskwire/db'
import type { Clause } from './filter-clauses.ts'

/** When a call is made, null for now, and in which zone its dates are told, null for the account's. */
export interface Clock {
  now: string | null
  timeZone: string | null
}

/** The clock of a call. A page after the first has that of the first. */
export function clockOf(timeZone: string | null = null, now: string | null = null): Clock {
  return { now, timeZone }
}

/** Whether what a filter finds depends on the clock. */
export function needsClock({ due }: TaskFilter = {}): boolean {
  return due !== undefined && due !== 'none'
}

const isDay = (bound: string): boolean => bound.length === 10

/** The conditions of `due` in a filter, by name. */
export function dueClauses(due: NonNullable<TaskFilter['due']>): readonly Clause[] {
  if (due === 'none') return ['due none']
  if (due === 'overdue') return ['overdue']
  if (due === 'today') return ['due today']
  const { on, before, after } = due
  const names: Clause[] = []
  if (on !== undefined) names.push('due on')
  if (before !== undefined) names.push(isDay(before) ? 'due before day' : 'due before instant')
  if (after !== undefined) names.push(isDay(after) ? 'due after day' : 'due after instant')
  return names
}

/** The parameters of `due` in a filter. */
export function dueValues(due: NonNullable<TaskFilter['due']>): Record<string, Parameter> {
  const { on = null, before = null, after = null } = typeof due === 'object' ? due : {}
  return { due_on: on, due_before: before, due_after: after }
}
