import { type Gone, LIMITS, type ListDelete } from '@taskwire/contract'
import { sql, type SQL } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { countUp, effect, finish, log, mutate, recordValues } from '../effect.ts'
import { actionOf } from '../tasks/change-tasks.ts'
import { missingOrChanged, oldList } from './parts.ts'

// All that may differ, in the shape of a task: for thousands of them the whole shape takes long.
const placeOf = (task: SQL): SQL =>
  sql`json_build_object('listId', ${task}.list_id, 'position', ${task}.position, 'deletedAt', tw.iso(${task}.deleted_at))`

// The list's tasks first, in the order of the list, those in the trash behind; then the list itself.
const remove = effect<'id' | 'trash' | 'expected'>(
  (p) => sql`with
  ${oldList(p)},
  held as materialized (
    -- By its place on disk the update finds each row again at once, whatever the planner expects of a list's size.
    select t as was, t.ctid as spot, row_number() over (order by t.deleted_at is not null, t.position, t.id) as n
    from old join tw.tasks t on t.space_id = tw.space() and t.list_id = (old.was).id
  ),
  refusal as materialized (
    select outcome, current from (
      ${missingOrChanged(p)}
      union all select 3, 'limit', null from held having count(*) > ${sql.raw(String(LIMITS.tasksPerMutation))}
    ) r order by rank limit 1
  ),
  behind as materialized (select tw.position_integer(tw.position_behind(null, 1)) - 1 as place),
  ${countUp(sql`(select from held union all select from old) rows`, sql`not exists (select from refusal)`)},
  moved as (
    update tw.tasks t set list_id = null, revision = head.base + d.n, updated_at = head.at,
      deleted_at = case when ${p('trash')}::boolean then coalesce(t.deleted_at, head.at) else t.deleted_at end,
      position = case when t.deleted_at is null and not ${p('trash')}::boolean then tw.position_text(behind.place + d.n) else t.position end
    from held d, head, behind where t.space_id = tw.space() and t.ctid = d.spot
    returning t.revision, t.id, ${placeOf(sql`(d.was)`)} as was_json, ${placeOf(sql`t`)} as json, ${actionOf(sql`(d.was)`, sql`t`)} as action
  ),
  gone as (
    delete from tw.lists l using old, head where l.space_id = tw.space() and l.id = (old.was).id
    returning tw.list_json(old.was) as was_json, (old.was).id, head.revision
  ),
  ${log(
    'log',
    sql`(
      select m.revision, 'task' as entity, m.id as entity_id,
        m.action,
        m.was_json as before_json, m.json as after_json from moved m
      union all select g.revision, 'list', g.id, 'delete', g.was_json, null from gone g
    )`,
    p,
  )},
  result as (
    select outcome, current as reply, null::uuid as unchanged_id from refusal
    union all select 'ok', json_build_object('id', id, 'revision', revision), null from gone
  ),
  ${finish(p)}`,
)

export async function deleteList(ctx: CallContext, input: ListDelete): Promise<Gone> {
  const { id, tasks, expectedRevision: expected = null } = input
  return await mutate<Gone>(ctx, remove.with({ id, trash: tasks === 'trash', expected, ...recordValues(ctx) }))
}
