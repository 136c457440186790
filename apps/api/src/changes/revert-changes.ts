import { type Change, LIMITS, type RevertInput, textKey } from '@taskwire/contract'
import { prepare, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { effect, mutate, read, recordValues } from '../effect.ts'
import { AppError } from '../errors.ts'
import { changeTasks } from '../tasks/change-tasks.ts'

// A commit's Changes are its last revision and those before it, and never more than one call may make.
const commit = prepare<'revision'>(
  (p) => sql`select tw.change_json(c) as change
    from tw.changes c join tw.changes named on named.user_id = tw.me() and named.revision = ${p('revision')}::bigint
    where c.user_id = tw.me() and c.revision between named.commit - ${sql.raw(String(LIMITS.tasksPerMutation))} and named.commit
      and c.commit = named.commit
    order by c.revision desc`,
)

const revert = effect<'tasks' | 'lists'>((p) =>
  changeTasks(p, {
    before: sql`undo as materialized (
        select x.id, x.patch, x.after, row_number() over () as ord
        from jsonb_to_recordset(${p('tasks')}::jsonb) as x(id uuid, patch jsonb, after jsonb)
      ),
      relist as materialized (
        select x.id, x.action, x.before, x.after, x."nameKey" as name_key, l as was, row_number() over () as n
        from jsonb_to_recordset(${p('lists')}::jsonb) as x(id uuid, action text, before jsonb, after jsonb, "nameKey" text)
        left join tw.lists l on l.user_id = tw.me() and l.id = x.id
        where tw.live()
      ),`,
    // Where a task goes back to a place that another has taken, it goes behind that one.
    patches: sql`select u.id, u.ord, case when t.id is not null and u.patch->>'deletedAt' is null and (u.patch ? 'position' or u.patch ? 'deletedAt')
        then u.patch || jsonb_build_object('position', tw.free_position(
          case when u.patch ? 'listId' then (u.patch->>'listId')::uuid else t.list_id end, coalesce(u.patch->>'position', t.position), u.id))
        else u.patch end as patch
      from undo u left join tw.tasks t on t.user_id = tw.me() and t.id = u.id`,
    action: sql`case when (d.was).deleted_at is null and (d.task).deleted_at is not null then 'delete'
      when (d.was).deleted_at is not null and (d.task).deleted_at is null then 'restore' else 'update' end`,
    reply: 'bulk',
    also: {
      counted: sql`select from relist`,
      refusals: sql`select 2, 'conflict', tw.task_json(t) from old join undo u on u.id = (t).id where not tw.holds(tw.task_json(t), u.after)
        union all select 2, 'conflict', case when (was).id is not null then tw.list_json(was) end from relist
          where after is not null and ((was).id is null or not tw.holds(tw.list_json(was), after))
        union all select 1, 'not_revertible', null from relist r
          where (r.before is null and exists (
              select from tw.tasks t where t.user_id = tw.me() and t.list_id = r.id and t.id not in (select id from undo)))
            or (r.before is not null and exists (
              select from tw.lists o where o.user_id = tw.me() and o.id <> r.id and o.name_key = r.name_key))
            or (r.after is null and (r.was).id is not null)
        union all select 1, 'not_revertible', null from undo u
          where u.patch->>'listId' is not null and not exists (select from relist r where r.id = (u.patch->>'listId')::uuid)
            and not exists (select from tw.lists o where o.user_id = tw.me() and o.id = (u.patch->>'listId')::uuid)`,
      effects: sql`listed as materialized (
          select r.*, head.base + (select count(*) from diff) + r.n as revision, head.at,
            case when r.before->>'position' is null then (r.was).position
              when exists (select from tw.lists o where o.user_id = tw.me() and o.position = r.before->>'position' and o.id <> r.id)
              then tw.position_between(r.before->>'position',
                (select min(o.position) from tw.lists o where o.user_id = tw.me() and o.position > r.before->>'position'))
              else r.before->>'position' end as place
          from relist r, head
        ),
        list_made as (
          insert into tw.lists as l (user_id, id, name, name_key, position, revision, created_at, updated_at)
          select tw.me(), id, before->>'name', name_key, place, revision, (before->>'createdAt')::timestamptz, at
          from listed where after is null
          returning l.id, l.revision, 'create' as action, null::json as before_json, tw.list_json(l) as after_json
        ),
        list_changed as (
          update tw.lists l set name = coalesce(c.before->>'name', l.name), name_key = coalesce(c.name_key, l.name_key),
            position = c.place, revision = c.revision, updated_at = c.at
          from listed c where l.user_id = tw.me() and l.id = c.id and c.after is not null and c.before is not null
          returning l.id, l.revision, 'update' as action, tw.list_json(c.was) as before_json, tw.list_json(l) as after_json
        ),
        list_gone as (
          delete from tw.lists l using listed c where l.user_id = tw.me() and l.id = c.id and c.before is null
          returning l.id, c.revision, 'delete' as action, tw.list_json(l) as before_json, null::json as after_json
        ),`,
      logged: sql`select revision, 'list', id, action, before_json, after_json from (
          select * from list_made union all select * from list_changed union all select * from list_gone) lists`,
    },
  }),
)

function undone(change: Change): { id: string; patch: Record<string, unknown>; after: unknown } {
  const { entityId: id, before, after } = change
  // A creation is undone into the trash.
  if (before === null) return { id, patch: { deletedAt: 'now' }, after }
  const { tags } = before
  return {
    id,
    patch: Array.isArray(tags) ? { ...before, tagKeys: tags.map((tag) => textKey(String(tag))) } : before,
    after,
  }
}

/** Undoes the whole commit of a Change as a new commit, if all that it set still holds. */
export async function revertChanges(
  ctx: CallContext,
  input: RevertInput,
): Promise<{ revision: number; affected: number }> {
  // Changes never change but by purging, which refuses below: what is read here holds in the effect.
  const changes = (await read(ctx, commit.with({ revision: input.revision }))).map((row) => row['change'] as Change)
  if (changes.length === 0) throw new AppError('NOT_FOUND', 'There is no such revision, or it is no longer kept.')
  if (changes.some((change) => change.redacted === true || change.action === 'purge'))
    throw new AppError('NOT_REVERTIBLE', 'This commit cannot be undone: something of it has been purged.')
  const tasks = changes.filter((change) => change.entity === 'task').map(undone)
  const lists = changes
    .filter((change) => change.entity === 'list')
    .map(({ entityId: id, action, before, after }) => ({
      id,
      action,
      before,
      after,
      nameKey: typeof before?.['name'] === 'string' ? textKey(before['name']) : null,
    }))
  const statement = revert.with({ tasks: JSON.stringify(tasks), lists: JSON.stringify(lists), ...recordValues(ctx) })
  const { revision, affected } = await mutate<{ revision: number; affected: number }>(ctx, statement)
  return { revision, affected }
}
