import type { Task } from '@taskwire/contract/task'
import type { TaskFilter } from '@taskwire/contract/task-filter'
import { textKey } from '@taskwire/contract/text-key'
import { dueMatcher } from './due-filter.ts'
import { searchMatcher } from './search.ts'
import type { Clock } from './zone.ts'

type Condition = (task: Task) => boolean

/**
 * Returns whether a task matches a filter, as in `tasks.list`. The filter is as callers write it, and must be one that
 * the service accepts. A task must not be changed in place: its searched text is kept.
 * @throws RangeError if this runtime does not know the time zone, or if a bound of `due` is not a time.
 */
export function matcher(filter: TaskFilter, clock: Clock): Condition {
  const { complete, priority, tags, listId, due, search, trash = 'without' } = filter
  const conditions: (Condition | undefined)[] = [
    trash === 'with' ? undefined : (task) => (task.deletedAt !== null) === (trash === 'only'),
    complete === undefined ? undefined : (task) => task.complete === complete,
    priority === undefined ? undefined : (task) => priority.includes(task.priority),
    listId === undefined ? undefined : listMatcher(listId),
    tags === undefined ? undefined : tagsMatcher(tags),
    due === undefined ? undefined : dueMatcher(due, clock),
    search === undefined ? undefined : searchMatcher(search),
  ]
  const needed = conditions.filter((condition) => condition !== undefined)
  return (task) => needed.every((condition) => condition(task))
}

function listMatcher(listId: string | null | (string | null)[]): Condition {
  const ids = new Set([listId].flat().map((id) => id?.toLowerCase() ?? null))
  return (task) => ids.has(task.listId)
}

/** No two tags of a task have the same key, so it has every tag if it has as many as there are keys. */
function tagsMatcher({ all, any }: NonNullable<TaskFilter['tags']>): Condition {
  const keys = new Set((all ?? any ?? []).map((tag) => textKey(tag.trim())))
  const needed = all === undefined ? 1 : keys.size
  // Many tasks have the same tags.
  const known = new Map<string, boolean>()
  const isWanted = (tag: string): boolean => {
    let wanted = known.get(tag)
    if (wanted === undefined) known.set(tag, (wanted = keys.has(textKey(tag))))
    return wanted
  }
  return (task) => {
    let found = 0
    for (const tag of task.tags) if (isWanted(tag)) found++
    return found >= needed
  }
}
