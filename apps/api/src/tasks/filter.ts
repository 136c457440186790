import { PRIORITIES, type TaskFilter, textKey } from '@taskwire/contract'
import { arrayText, sql, type SQL } from '@taskwire/db'

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
  return sql`(not t.complete and t.deleted_at is null and case when t.due_time is null
    then t.due_date < (now() at time zone ${zone})::date else t.due_at < now() end)`
}

// Scripts that write no blanks between words: there a word may begin anywhere.
const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

function wordPattern(word: string): string {
  const escaped = word.replace(/[^\p{L}\p{N}]/gu, String.raw`\$&`)
  return UNSPACED.test(word) ? escaped : `(^|[^[:alnum:]])${escaped}`
}

const text = sql.raw(`(t.title || E'\\n' || coalesce(t.description, '')) collate "und-x-icu"`)

/** The conditions on `t` of a filter, joined by AND; the owner's own tasks are implied. */
export function filterTasks(filter: TaskFilter = {}, timeZone?: string): SQL {
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
      sql`coalesce(t.list_id, t.user_id) in (select coalesce(l, tw.me()) from unnest(${arrayText(listId)}::uuid[]) l)`,
    )
  else if (listId !== undefined) all.push(sql`coalesce(t.list_id, t.user_id) = coalesce(${listId}::uuid, tw.me())`)
  if (due === 'none') all.push(sql`t.due_date is null`)
  else if (due === 'overdue') all.push(overdue(timeZone))
  else if (due !== undefined) {
    if (due.before !== undefined) all.push(dueBound(due.before, sql`<`))
    if (due.after !== undefined) all.push(dueBound(due.after, sql`>`))
  }
  for (const word of search?.split(/\s+/u) ?? []) all.push(sql`${text} ~* ${wordPattern(word)}`)
  return sql.join(all, sql` and `)
}
