import { readQueryParts } from '@taskwire/db'

/** The conditions on `t` that a filter is made of, and `now` and `zone`, by name. */
export const clauses = readQueryParts('tasks.filter', [
  'own',
  'live',
  'in the trash',
  'complete',
  'open',
  'priority',
  'all tags',
  'any tag',
  'inbox',
  'list',
  'lists',
  'not the inbox',
  'now',
  'zone',
  'due none',
  'overdue',
  'due today',
  'due on',
  'due before day',
  'due before instant',
  'due after day',
  'due after instant',
  'matches',
  'matches, looked up',
  'looked up',
  'among the found',
  'too many found',
])

export type Clause = keyof typeof clauses

/** Conditions that all have to hold. */
export const allOf = (names: readonly Clause[]): string => names.map((name) => clauses[name]).join('\n    and ')
