import { type BulkAction, type BulkResult, LIMITS, type TaskBulk } from '@taskwire/contract'
import { arrayText, type Parameter, sql, type SQL, type Statement, statement } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { mutate, type Param, type RecordName, recordValues } from '../effect.ts'
import { changeTasks, patchOf, taskOf, type TasksChange } from './change-tasks.ts'
import { clockOf } from './due-filter.ts'
import { filterTasks } from './filter.ts'
import { purgeTasks } from './purge-task.ts'

// What each task of `c` (ord, t) becomes.
function patchFor(action: Exclude<BulkAction, { type: 'purge' | 'restore' }>): SQL {
  switch (action.type) {
    case 'update':
      return sql`${patchOf(action.changes)}::jsonb`
    case 'complete':
      return sql`jsonb_build_object('complete', ${action.complete}::boolean)`
    case 'delete':
      return sql`'{"deletedAt": "now"}'::jsonb`
    case 'move':
      // Those that are there already stay where they are. The list's end is looked for once.
      return sql`case when (c.t).list_id is not distinct from ${action.listId}::uuid then '{}'::jsonb else jsonb_build_object(
        'listId', ${action.listId}::uuid, 'position', tw.position_text(
          row_number() over (partition by (c.t).list_id is not distinct from ${action.listId}::uuid order by c.ord)
          + (select tw.position_integer(tw.position_behind(${action.listId}::uuid, 0))))) end`
  }
}

// Those in the trash go behind the last of their lists, in order. Each list's end is looked for once: on the way
// lie the dead entries of all that has just left it.
function restored(found: SQL): Pick<TasksChange, 'before' | 'found'> {
  return {
    before: sql`chosen as materialized (${found}),
      ends as materialized (
        select l.list, tw.position_integer(tw.position_behind(l.list, 0)) as place from (select distinct (t).list_id as list from chosen) l
      ),`,
    found: sql`select c.ord, case when (c.t).deleted_at is null then '{}'::jsonb else jsonb_build_object('deletedAt', null, 'position',
        tw.position_text(e.place + row_number() over (partition by (c.t).list_id, (c.t).deleted_at is null order by c.ord))) end as patch,
        c.t, c.spot
      from chosen c left join ends e on coalesce(e.list, tw.space()) = coalesce((c.t).list_id, tw.space())`,
  }
}

function bulk(ctx: CallContext, input: TaskBulk): Statement {
  const { ids, filter, action, dryRun = false, maxAffected = LIMITS.tasksPerMutation, timeZone } = input
  const values: Record<RecordName, Parameter> = { ...recordValues(ctx), ...(dryRun ? { mutation: null } : {}) }
  const p: Param<never> = (name) => sql`${values[name]}`
  const found =
    ids === undefined
      ? sql`select row_number() over (order by t.created_at, t.id) as ord, t, t.ctid as spot from tw.tasks t where ${filterTasks(filter, clockOf(timeZone))}`
      : sql`select i.ord, x.t, x.spot from unnest(${arrayText(ids)}::uuid[]) with ordinality i(id, ord)
          left join ${taskOf(sql`i.id`)} x on true`
  const most = sql`${maxAffected}::bigint`
  const dry = dryRun ? sql`true` : sql`false`
  const missing = sql`to_json('ids.' || ord - 1)`
  if (action.type === 'purge') return statement(purgeTasks(p, { found, missing, most, dry }))
  return statement(
    changeTasks(p, {
      ...(action.type === 'restore'
        ? restored(found)
        : { found: sql`select c.ord, ${patchFor(action)} as patch, c.t, c.spot from (${found}) c` }),
      refuseTrash: action.type !== 'delete' && action.type !== 'restore',
      // Where nothing is moved, no foreign key says so.
      ...(action.type === 'move' && action.listId !== null
        ? {
            refusals: sql`select 1, 'no_list', '"action.listId"' where not exists (
              select from tw.lists l where l.space_id = tw.space() and l.id = ${action.listId}::uuid)`,
          }
        : {}),
      missing,
      most,
      dry,
      reply: 'bulk',
    }),
  )
}

export async function bulkTasks(ctx: CallContext, input: TaskBulk): Promise<BulkResult> {
  return await mutate<BulkResult>(ctx, bulk(ctx, input))
}
