import { PRIORITIES, type TaskFilter, textKey } from '@taskwire/contract'
import { arrayText, sql, type SQL } from '@taskwire/db'
import { searchFor } from './search.ts'

const isDate = (bound: string): boolean => bound.length === 10

// By the calendar for a date, and by the instant for a time.
function dueBound(bound: string, operator: SQL): SQL {
  return isDate(bound) ? sql`t.due_date ${operator} ${bound}::date` : sql`t.due_at ${operator} ${bound}::timestamptz`
}

/** Open, not in the trash, and due before now; an all-day one before today in the zone. */
export function overdue(timeZone: string | undefined): SQL {
  const zone =
    timeZone === undefined
      ? sql`(select h.time_zone from tw.user_heads h where h.user_id = tw.me())`
      : sql`${timeZone}::text`
  // What day it is there is worked out once, not for each task.
  return sql`(not t.complete and t.deleted_at is null and case when t.due_time is null
    then t.due_date < (select (now() at time zone tw.zone(${zone}))::date) else t.due_at < now() end)`
}

/** The conditions on `t` of a filter, joined by AND; the owner's own tasks are implied. */
export function filterTasks(filter: TaskFilter = {}, timeZone?: string): SQL {
  const where = filterWithoutLookUp(filter, timeZone)
  if (filter.search === undefined) return where
  return sql`t.ctid = any ((select spots from ${searchFor(filter.search).lookUp(null)})::tid[]) and ${where}`
}

/** The same, with what is searched for looked for in every task; in none where `exact` is true. */
export function filterWithoutLookUp(filter: TaskFilter = {}, timeZone?: string, exact?: SQL): SQL {
  const { complete, priority, tags, listId, due, search, trash = 'without' } = filter
  const all: SQL[] = [sql`t.user_id = tw.me()`]
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
      sql`case when t.list_id is null then t.user_id else t.list_id end in (select coalesce(l, tw.me()) from unnest(${arrayText(listId)}::uuid[]) l)`,
    )
  else if (listId !== undefined)
    all.push(
      sql`case when t.list_id is null then t.user_id else t.list_id end = ${listId === null ? sql`tw.me()` : sql`${listId}::uuid`}`,
    )
  // So that the user's own id does not name it.
  if (listId !== undefined && listId !== null && !(Array.isArray(listId) && listId.includes(null)))
    all.push(sql`t.list_id is not null`)
  if (due === 'none') all.push(sql`t.due_date is null`)
  else if (due === 'overdue') all.push(overdue(timeZone))
  else if (due !== undefined) {
    if (due.before !== undefined) all.push(dueBound(due.before, sql`<`))
    if (due.after !== undefined) all.push(dueBound(due.after, sql`>`))
  }
  if (search !== undefined) {
    const { matches } = searchFor(search)
    all.push(exact === undefined ? matches : sql`case when ${exact} then true else ${matches} end`)
  }
  return sql.join(all, sql` and `)
}
