import { PRIORITIES, type TaskFilter, textKey } from '@taskwire/contract'
import { arrayText, sql, type SQL } from '@taskwire/db'
import { type Clock, filterDue } from './due-filter.ts'
import { searchFor } from './search.ts'

/** The conditions on `t` of a filter, joined by AND; the owner's own tasks are implied. */
export function filterTasks(filter: TaskFilter = {}, clock: Clock): SQL {
  if (filter.search === undefined) return filterWithoutLookUp(filter, clock)
  const { lookUp, matchesFound } = searchFor(filter.search)
  return sql`t.ctid = any (${lookUp(null)}::tid[]) and ${filterWithoutLookUp(filter, clock, matchesFound)}`
}

/** The same, with what is searched for looked for in every task, or by another condition. */
export function filterWithoutLookUp(filter: TaskFilter = {}, clock: Clock, matches?: SQL): SQL {
  const { complete, priority, tags, listId, due, search, trash = 'without' } = filter
  const all: SQL[] = [sql`t.space_id = tw.space()`]
  if (trash === 'without') all.push(sql`t.deleted_at is null`)
  if (trash === 'only') all.push(sql`t.deleted_at is not null`)
  if (complete !== undefined) all.push(complete ? sql`t.complete` : sql`not t.complete`)
  if (priority !== undefined)
    all.push(sql`t.priority = any (${arrayText(priority.map((p) => PRIORITIES.indexOf(p)))}::smallint[])`)
  if (tags !== undefined && 'all' in tags && tags.all)
    all.push(sql`t.tag_keys @> ${arrayText(tags.all.map(textKey))}::text[]`)
  if (tags !== undefined && 'any' in tags && tags.any)
    all.push(sql`t.tag_keys && ${arrayText(tags.any.map(textKey))}::text[]`)
  // As tasks_position_key has it: the inbox goes by the user's own id.
  if (Array.isArray(listId))
    all.push(
      sql`case when t.list_id is null then t.space_id else t.list_id end in (select coalesce(l, tw.space()) from unnest(${arrayText(listId)}::uuid[]) l)`,
    )
  else if (listId !== undefined)
    all.push(
      sql`case when t.list_id is null then t.space_id else t.list_id end = ${listId === null ? sql`tw.space()` : sql`${listId}::uuid`}`,
    )
  // So that the user's own id does not name it.
  if (listId !== undefined && listId !== null && !(Array.isArray(listId) && listId.includes(null)))
    all.push(sql`t.list_id is not null`)
  if (due !== undefined) all.push(filterDue(due, clock))
  if (search !== undefined) all.push(matches ?? searchFor(search).matches)
  return sql.join(all, sql` and `)
}
