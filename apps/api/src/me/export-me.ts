import { type ExportInput, type ExportPage, LIMITS } from '@taskwire/contract'
import { prepare, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { type Behind, fromCursor, toCursor, UUID_SHAPE } from '../cursor.ts'
import { readAs } from '../effect.ts'
import { MadeJson } from '../made-json.ts'
import { accountJson } from './me.ts'

const ROWS = sql.raw(String(LIMITS.exportPage))

// Of each kind what follows the last row of the page before, along the primary key. The outer limits read no more of a
// kind than there is room for.
const page = prepare<'lists' | 'tasks' | 'changes' | 'keys' | 'upTo'>(
  (p) => sql`with head as materialized (
    select h.revision, coalesce(${p('upTo')}::bigint, h.revision) as up_to
    from tw.spaces h where h.id = tw.space()
  ),
  lists as materialized (
    select l.id, tw.list_json(l) as json from tw.lists l
    where l.space_id = tw.space() and l.id > ${p('lists')}::uuid order by l.id limit ${ROWS}
  ),
  tasks as materialized (
    select * from (
      select t.id, tw.task_json(t) as json from tw.tasks t
      where t.space_id = tw.space() and t.id > ${p('tasks')}::uuid order by t.id limit ${ROWS}
    ) following limit ${ROWS} - (select count(*) from lists)
  ),
  changes as materialized (
    select * from (
      select c.revision, tw.change_json(c) as json from tw.changes c
      where c.space_id = tw.space() and c.revision > ${p('changes')}::bigint and c.revision <= (select up_to from head)
      order by c.revision limit ${ROWS}
    ) following limit ${ROWS} - (select count(*) from lists) - (select count(*) from tasks)
  ),
  keys as materialized (
    select * from (
      select k.id, tw.key_json(k) as json from tw.api_keys k
      where k.user_id = tw.account() and k.id > ${p('keys')}::uuid order by k.id limit ${ROWS}
    ) following limit ${ROWS} - (select count(*) from lists) - (select count(*) from tasks) - (select count(*) from changes)
  )
  select ${accountJson(sql`u.name`, sql`u.time_zone`)}::text as account,
    (select coalesce(json_agg(json), '[]')::text from lists) as lists,
    (select coalesce(json_agg(json), '[]')::text from tasks) as tasks,
    (select coalesce(json_agg(json), '[]')::text from changes) as changes,
    (select coalesce(json_agg(json), '[]')::text from keys) as keys,
    h.revision, h.up_to,
    (select id from lists order by id desc limit 1) as last_list,
    (select id from tasks order by id desc limit 1) as last_task,
    (select max(revision) from changes) as last_change,
    (select id from keys order by id desc limit 1) as last_key,
    (select count(*) from lists) + (select count(*) from tasks) + (select count(*) from changes) + (select count(*) from keys) as rows
  from auth.users u cross join head h where u.id = tw.account()`,
)

const QUESTION = 'me.export'
const REVISION = /^\d{1,16}$/
const SHAPES = [UUID_SHAPE, UUID_SHAPE, REVISION, UUID_SHAPE, REVISION]
const NIL = '00000000-0000-0000-0000-000000000000'

/** One page of all that the caller has. */
export async function exportMe(ctx: CallContext, { cursor }: ExportInput): Promise<MadeJson<ExportPage>> {
  const behind: Behind | undefined = cursor == null ? undefined : fromCursor(QUESTION, cursor, SHAPES)
  const [lists = NIL, tasks = NIL, changes = '0', keys = NIL, upTo = null] = behind?.key ?? []
  const { spaceId, rows } = await readAs(ctx, page.with({ lists, tasks, changes, keys, upTo }), behind)
  const row = rows[0] ?? {}
  const last = [
    row['last_list'] ?? lists,
    row['last_task'] ?? tasks,
    row['last_change'] ?? changes,
    row['last_key'] ?? keys,
    row['up_to'],
  ].map(String)
  // A full page may have been the last one: then one without rows follows.
  const nextCursor = row['rows'] === LIMITS.exportPage ? toCursor(QUESTION, spaceId, last) : null
  const parts = (['account', 'lists', 'tasks', 'changes', 'keys', 'revision'] as const).map(
    (name) => `"${name}":${String(row[name])}`,
  )
  return new MadeJson(`{${parts.join()},"nextCursor":${JSON.stringify(nextCursor)}}`)
}
