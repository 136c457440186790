import { type BulkAction, type BulkResult, LIMITS, type TaskBulk } from '@taskwire/contract'
import { arrayText, type Parameter, sql, type SQL, type Statement, statement } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { mutate, type Param, recordValues } from '../effect.ts'
import { changeTasks, patchOf } from './change-tasks.ts'
import { filterTasks } from './filter.ts'
import { purging } from './purge-task.ts'

// What each task becomes, over `c` (id, ord, t).
function patches(action: Exclude<BulkAction, { type: 'purge' }>): SQL {
  switch (action.type) {
    case 'update':
      return sql`${patchOf(action.changes)}::jsonb`
    case 'delete':
      return sql`'{"deletedAt": "now"}'::jsonb`
    case 'restore':
      return sql`case when (c.t).deleted_at is null then '{}'::jsonb else jsonb_build_object('deletedAt', null, 'position',
        tw.position_behind((c.t).list_id, row_number() over (partition by (c.t).list_id, (c.t).deleted_at is null order by c.ord))) end`
    case 'move':
      // Those that are there already stay where they are.
      return sql`case when (c.t).list_id is not distinct from ${action.listId}::uuid then '{}'::jsonb else jsonb_build_object(
        'listId', ${action.listId}::uuid, 'position',
        tw.position_behind(${action.listId}::uuid, row_number() over (partition by (c.t).list_id is not distinct from ${action.listId}::uuid order by c.ord))) end`
  }
}

function bulk(ctx: CallContext, input: TaskBulk): Statement {
  const { ids, filter, action, dryRun = false, maxAffected = LIMITS.tasksPerMutation, timeZone } = input
  const values: Record<string, Parameter> = { ...recordValues(ctx), ...(dryRun ? { mutation: null } : {}) }
  const p: Param<never> = (name) => sql`${values[name]}`
  const chosen =
    ids === undefined
      ? sql`select t.id, row_number() over (order by t.created_at, t.id) as ord from tw.tasks t where ${filterTasks(filter, timeZone)}`
      : sql`select i.id, i.ord from unnest(${arrayText(ids)}::uuid[]) with ordinality i(id, ord)`
  const most = sql.raw(String(maxAffected))
  const dry = dryRun ? sql`true` : sql`false`
  if (action.type === 'purge')
    return statement(
      purging(p, {
        chosen,
        refusals: sql`select 1 as rank, 'missing' as outcome, null::json as current from patch p where not exists (select from old where old.ord = p.ord)`,
        most,
        dry,
        reply: sql`json_build_object('affected', (select count(*) from old), 'tasks', '[]'::json,
          'revision', coalesce((select revision from head), (select revision from tw.user_heads where user_id = tw.me())))`,
      }),
    )
  return statement(
    changeTasks(p, {
      patches: sql`select c.id, c.ord, ${patches(action)} as patch
        from (select c.id, c.ord, t from (${chosen}) c left join tw.tasks t on t.user_id = tw.me() and t.id = c.id) c`,
      action: sql`${action.type}::text`,
      refuseTrash: action.type === 'update' || action.type === 'move',
      most,
      dry,
      reply: 'bulk',
    }),
  )
}

export async function bulkTasks(ctx: CallContext, input: TaskBulk): Promise<BulkResult> {
  return await mutate<BulkResult>(ctx, bulk(ctx, input))
}
