import { PRIORITIES, type TaskFilter, textKey } from '@taskwire/contract'
import { arrayText, type Parameter, type SQL, sqlOf } from '@taskwire/db'
import { type Clock, dueConditions } from './due-filter.ts'
import { allOf, type Clause, type Conditions } from './filter-clauses.ts'
import { searchValues } from './search.ts'

/** How what is searched for is found, where nothing else is said: looked up in the index. */
const LOOKED_UP: readonly Clause[] = ['looked up', 'matches, looked up']

/** The conditions on `t` of a filter, joined by AND; the owner's own tasks are implied. */
export function filterTasks(filter: TaskFilter = {}, clock: Clock): SQL {
  const { names, values } = filterConditions(filter, clock)
  return sqlOf(allOf(names), values)
}

/** The same, by name. */
export function filterConditions(
  filter: TaskFilter = {},
  { now, timeZone }: Clock,
  searched: readonly Clause[] = LOOKED_UP,
): Conditions {
  const { complete, priority, tags, listId, due, search, trash = 'without' } = filter
  const names: Clause[] = ['own']
  const values: Record<string, Parameter> = { now, time_zone: timeZone }
  if (trash === 'without') names.push('live')
  if (trash === 'only') names.push('in the trash')
  if (complete !== undefined) names.push(complete ? 'complete' : 'open')
  if (priority !== undefined) {
    names.push('priority')
    values['priorities'] = arrayText(priority.map((one) => PRIORITIES.indexOf(one)))
  }
  if (tags !== undefined && 'all' in tags && tags.all) {
    names.push('all tags')
    values['all_tags'] = arrayText(tags.all.map(textKey))
  }
  if (tags !== undefined && 'any' in tags && tags.any) {
    names.push('any tag')
    values['any_tags'] = arrayText(tags.any.map(textKey))
  }
  if (listId !== undefined) {
    const list = listConditions(listId)
    names.push(...list.names)
    Object.assign(values, list.values)
  }
  if (due !== undefined) {
    const dated = dueConditions(due)
    names.push(...dated.names)
    Object.assign(values, dated.values)
  }
  if (search !== undefined) {
    names.push(...searched)
    Object.assign(values, searchValues(search))
  }
  return { names, values }
}

function listConditions(listId: NonNullable<TaskFilter['listId']> | null): Conditions {
  if (listId === null) return { names: ['inbox'], values: {} }
  if (!Array.isArray(listId)) return { names: ['list', 'not the inbox'], values: { list: listId } }
  return {
    names: listId.includes(null) ? ['lists'] : ['lists', 'not the inbox'],
    values: { lists: arrayText(listId) },
  }
}
