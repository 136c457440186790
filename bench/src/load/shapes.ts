import { TAGS, listId, LISTS_PER_USER } from '../model.ts'
import type { Random } from './random.ts'

export const PRIORITIES = ['none', 'low', 'medium', 'high', 'urgent'] as const
export type Priority = (typeof PRIORITIES)[number]

/** A filter of `varied`, as in the contract. */
export interface Filter {
  complete?: boolean
  priority?: Priority[]
  tags?: { all: string[] } | { any: string[] }
  /** Null is the inbox. */
  listId?: string | null
  due?: 'none' | { before: string } | { after: string }
}

/** Every order of tasks that are not in the trash. */
export const SORTS = ['createdAt', 'updatedAt', 'completedAt', 'due', 'priority', 'title', 'position'] as const
export interface Sort {
  by: (typeof SORTS)[number]
  direction: 'asc' | 'desc'
}

/** The parameters of a list of `varied`. */
export interface Shape {
  filter: Filter
  sort: Sort
  limit: number
}

const LIMITS = [25, 50, 100]
const DAY_MS = 86_400_000

/**
 * Draws a list as a front end requests it. Half of the lists select only open or only complete tasks, and two thirds
 * have one more filter. All orders are equally likely, and so are all limits.
 */
export function drawShape(
  random: Random,
  user: number,
  model: { baseMs: number; tasks: number; stepMs: number },
): Shape {
  const from = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  // The due dates of the seeded tasks are up to 60 days after their creation.
  const day = (): string =>
    new Date(model.baseMs + random() * (model.tasks * model.stepMs + 60 * DAY_MS)).toISOString().slice(0, 10)
  const draws: readonly (() => Filter)[] = [
    () => ({ priority: random() < 0.5 ? [from(PRIORITIES)] : ['high', 'urgent'] }),
    () => ({ tags: random() < 0.5 ? { all: [from(TAGS)] } : { any: [from(TAGS), from(TAGS)] } }),
    () => ({ listId: from([null, ...Array.from({ length: LISTS_PER_USER }, (_, n) => listId(user, n + 1))]) }),
    () => ({ due: from(['none', { before: day() }, { after: day() }] as const) }),
  ]
  const filter: Filter = {}
  if (random() < 1 / 2) filter.complete = random() < 1 / 2
  if (random() < 2 / 3) Object.assign(filter, from(draws)())
  return { filter, sort: { by: from(SORTS), direction: from(['asc', 'desc'] as const) }, limit: from(LIMITS) }
}

/** The conditions of a filter, by name. Filters with the same conditions share a statement. */
export type Condition =
  | 'complete'
  | 'priority'
  | 'all tags'
  | 'any tag'
  | 'list'
  | 'inbox'
  | 'due none'
  | 'due before'
  | 'due after'

export interface Conditions {
  names: Condition[]
  values: Record<string, string | boolean | number[] | string[]>
}

export function conditionsOf({ complete, priority, tags, listId: list, due }: Filter): Conditions {
  const names: Condition[] = []
  const values: Conditions['values'] = {}
  const add = (name: Condition, parameters: Conditions['values'] = {}): void => {
    names.push(name)
    Object.assign(values, parameters)
  }
  if (complete !== undefined) add('complete', { complete })
  if (priority !== undefined) add('priority', { priorities: priority.map((one) => PRIORITIES.indexOf(one)) })
  if (tags !== undefined) {
    if ('all' in tags) add('all tags', { tags: tags.all })
    else add('any tag', { tags: tags.any })
  }
  if (list === null) add('inbox')
  else if (list !== undefined) add('list', { list })
  if (due === 'none') add('due none')
  else if (due !== undefined) {
    if ('before' in due) add('due before', { day: due.before })
    else add('due after', { day: due.after })
  }
  return { names, values }
}
