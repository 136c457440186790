import { PRIORITIES, type TaskFilter, textKey } from '@taskwire/contract'
import { arrayText, type Values } from '@taskwire/db'
import { type Clock, dueClauses, dueValues } from './due-filter.ts'
import { allOf, type Clause } from './filter-clauses.ts'
import { searchValues } from './search.ts'

/** The conditions of a search that uses the search index. */
const LOOKED_UP: readonly Clause[] = ['looked up', 'matches, looked up']

/**
 * Returns the SQL conditions of a filter on the task `t`, joined by AND, with parameters by name. The first one is
 * always `[own]`. `searchClauses` are the conditions that `filter.search` adds.
 */
export function filterText(filter: TaskFilter = {}, searchClauses: readonly Clause[] = LOOKED_UP): string {
  const { complete, priority, tags, listId, due, search, trash = 'without' } = filter
  const names: Clause[] = ['own']
  if (trash === 'without') names.push('live')
  if (trash === 'only') names.push('in the trash')
  if (complete !== undefined) names.push(complete ? 'complete' : 'open')
  if (priority !== undefined) names.push('priority')
  if (tags?.all !== undefined) names.push('all tags')
  if (tags?.any !== undefined) names.push('any tag')
  if (listId !== undefined) names.push(...listClauses(listId))
  if (due !== undefined) names.push(...dueClauses(due))
  if (search !== undefined) names.push(...searchClauses)
  return allOf(names)
}

function listClauses(listId: NonNullable<TaskFilter['listId']> | null): readonly Clause[] {
  if (listId === null) return ['inbox']
  if (!Array.isArray(listId)) return ['list', 'not the inbox']
  return listId.includes(null) ? ['lists'] : ['lists', 'not the inbox']
}

/** Returns the parameters of a filter; parameters that it does not use are null or left out. */
export function filterValues(filter: TaskFilter = {}, { now, timeZone }: Clock): Values {
  const { priority, tags, listId = null, due, search } = filter
  return {
    now,
    time_zone: timeZone,
    priorities: priority === undefined ? null : arrayText(priority.map((one) => PRIORITIES.indexOf(one))),
    all_tags: tags?.all === undefined ? null : arrayText(tags.all.map(textKey)),
    any_tags: tags?.any === undefined ? null : arrayText(tags.any.map(textKey)),
    list: Array.isArray(listId) ? null : listId,
    lists: Array.isArray(listId) ? arrayText(listId) : null,
    ...(due === undefined ? {} : dueValues(due)),
    ...(search === undefined ? {} : searchValues(search)),
  }
}
