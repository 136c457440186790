import { readQueryParts } from '@taskwire/db'

/**
 * The SQL conditions on the task `t` that filters are composed of, and the expressions `now` and `zone`, by name.
 * `live` means: not in the trash.
 */
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

/** Joins conditions by AND. */
export const allOf = (names: readonly Clause[]): string => names.map((name) => clauses[name]).join('\n    and ')
