import type { Affected, RevertInput } from '@taskwire/contract'
import { sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { effect, finish, mutate, recordValues } from '../effect.ts'
import { AppError } from '../errors.ts'
import { listAction } from '../lists/parts.ts'
import { changeTasks, taskOf } from '../tasks/change-tasks.ts'
import { readUndo } from './commit.ts'

const revert = effect<'tasks' | 'lists'>((p) =>
  changeTasks(p, {
    before: sql`undo as materialized (
        select x.id, x.patch, x.after, row_number() over () as ord from (
          select t.id, t.patch, t.after from jsonb_to_recordset(${p('tasks')}::jsonb) as t(id uuid, patch jsonb, after jsonb)
          -- What is in the trash of a list that goes loses the list, as when the list is deleted.
          union all select t.id, '{"listId": null}', '{}'
          from jsonb_to_recordset(${p('lists')}::jsonb) as l(id uuid, before jsonb)
            join tw.tasks t on t.space_id = tw.space() and t.list_id = l.id and t.deleted_at is not null
          where l.before is null and not exists (
            select from jsonb_to_recordset(${p('tasks')}::jsonb) as other(id uuid) where other.id = t.id)
        ) x
      ),
      -- Those that are live in another place afterwards: where that is taken, they go behind who took it.
      back as materialized (
        select u.id, case when u.patch ? 'listId' then (u.patch->>'listId')::uuid else (x.t).list_id end as list,
          coalesce(u.patch->>'position', (x.t).position) as wanted
        from undo u cross join ${taskOf(sql`u.id`)} x
        where u.patch ?| array['listId', 'position', 'deletedAt']
          and case when u.patch ? 'deletedAt' then u.patch->>'deletedAt' is null else (x.t).deleted_at is null end
      ),
      placed as materialized (
        select f.id, f.place from (
          select array_agg(id) as ids, array_agg(list) as lists, array_agg(wanted) as wanted from back
        ) b, tw.free_positions(b.ids, b.lists, b.wanted) f
      ),
      relist as materialized (
        select x.id, x.before, x.after, x."nameKey" as name_key, l as was, row_number() over () as n
        from jsonb_to_recordset(${p('lists')}::jsonb) as x(id uuid, before jsonb, after jsonb, "nameKey" text)
        left join tw.lists l on l.space_id = tw.space() and l.id = x.id
        where tw.live()
      ),`,
    patches: sql`select u.id, u.ord, case when f.id is null then u.patch
        else u.patch || jsonb_build_object('position', f.place) end as patch
      from undo u left join placed f on f.id = u.id`,
    reply: 'count',
    also: {
      counted: sql`select from relist`,
      refusals: sql`
        -- Rows that are gone: purged meanwhile, or a list.
        select 0, 'not_revertible', null from old where (t).id is null
        union all select 0, 'not_revertible', null from relist where after is not null and (was).id is null
        -- The list that a task goes back to.
        union all select 0, 'not_revertible', null from undo u
          where u.patch->>'listId' is not null and not exists (select from relist r where r.id = (u.patch->>'listId')::uuid)
            and not exists (select from tw.lists o where o.space_id = tw.space() and o.id = (u.patch->>'listId')::uuid)
        -- A list that was made, and has tasks which do not leave it.
        union all select 0, 'not_revertible', null from relist r where r.before is null and exists (
          select from tw.tasks t where t.space_id = tw.space() and t.list_id = r.id
            and not exists (select from undo u where u.id = t.id and u.patch ? 'listId'))
        -- A name that another list has taken.
        union all select 0, 'not_revertible', null from relist r where exists (
          select from tw.lists o where o.space_id = tw.space() and o.id <> r.id and o.name_key = r.name_key)
        union all select 2, 'changed_since', tw.task_json(t) from old join undo u on u.id = (t).id where not tw.holds(tw.task_json(t), u.after)
        union all select 2, 'changed_since', tw.list_json(was) from relist
          where (was).id is not null and (after is null or not tw.holds(tw.list_json(was), after))`,
      effects: sql`listed as materialized (
          select r.*, head.base + (select count(*) from diff) + r.n as revision, head.at,
            case when r.before->>'position' is null then (r.was).position
              -- Where another list has it, behind that one, and before whatever another of them wants.
              when exists (select from tw.lists o where o.space_id = tw.space() and o.position = r.before->>'position' and o.id <> r.id)
              then tw.position_between(r.before->>'position', least(
                (select min(o.position) from tw.lists o where o.space_id = tw.space() and o.position > r.before->>'position'),
                (select min(w.before->>'position' collate "C") from relist w
                  where w.before->>'position' collate "C" > r.before->>'position' collate "C")))
              else r.before->>'position' end as place
          from relist r, head
        ),
        list_made as (
          insert into tw.lists as l (space_id, id, name, name_key, position, revision, created_at, updated_at)
          select tw.space(), id, before->>'name', name_key, place, revision, (before->>'createdAt')::timestamptz, at
          from listed where after is null
          returning l.id, l.revision, 'create' as action, null::json as before_json, tw.list_json(l) as after_json
        ),
        list_changed as (
          update tw.lists l set name = coalesce(c.before->>'name', l.name), name_key = coalesce(c.name_key, l.name_key),
            position = c.place, revision = c.revision, updated_at = c.at
          from listed c where l.space_id = tw.space() and l.id = c.id and c.after is not null and c.before is not null
          returning l.id, l.revision, ${listAction(sql`(c.was)`, sql`l`)} as action, tw.list_json(c.was) as before_json, tw.list_json(l) as after_json
        ),
        list_gone as (
          delete from tw.lists l using listed c where l.space_id = tw.space() and l.id = c.id and c.before is null
          returning c.id, c.revision, 'delete' as action, tw.list_json(c.was) as before_json, null::json as after_json
        ),`,
      logged: sql`select revision, 'list', id, action, before_json, after_json from (
          select * from list_made union all select * from list_changed union all select * from list_gone) lists`,
    },
  }),
)

// Only tells whether this mutation has been applied before.
const nothing = effect(
  (p) => sql`with head as (select null::bigint as revision where false),
  result as (select 'missing' as outcome, null::json as reply, null::uuid as unchanged_id where tw.live()),
  ${finish(p)}`,
)

/** Undoes the whole commit of a Change as a new commit, if all that it set still holds. */
export async function revertChanges(ctx: CallContext, input: RevertInput): Promise<Affected> {
  // Changes never change but by purging, which refuses below: what is read here holds in the effect.
  const undo = await readUndo(ctx, input.revision)
  if (undo instanceof AppError) return await refuseUnlessApplied(ctx, undo)
  const values = { tasks: JSON.stringify(undo.tasks), lists: JSON.stringify(undo.lists) }
  return await mutate<Affected>(ctx, revert.with({ ...values, ...recordValues(ctx) }))
}

async function refuseUnlessApplied<T>(ctx: CallContext, refusal: AppError): Promise<T> {
  try {
    return await mutate<T>(ctx, nothing.with(recordValues(ctx)))
  } catch (error) {
    throw error instanceof AppError && error.appCode === 'NOT_FOUND' ? refusal : error
  }
}
