import type { TaskFilter } from '@taskwire/contract'
import type { Conditions } from './filter-clauses.ts'

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

/** The conditions of `due` in a filter. */
export function dueConditions(due: NonNullable<TaskFilter['due']>): Conditions {
  if (due === 'none') return { names: ['due none'], values: {} }
  if (due === 'overdue') return { names: ['overdue'], values: {} }
  if (due === 'today') return { names: ['due today'], values: {} }
  const { on, before, after } = due
  return {
    names: [
      ...(on === undefined ? [] : (['due on'] as const)),
      ...(before === undefined ? [] : ([isDay(before) ? 'due before day' : 'due before instant'] as const)),
      ...(after === undefined ? [] : ([isDay(after) ? 'due after day' : 'due after instant'] as const)),
    ],
    values: {
      ...(on === undefined ? {} : { due_on: on }),
      ...(before === undefined ? {} : { due_before: before }),
      ...(after === undefined ? {} : { due_after: after }),
    },
  }
}
