import { type Gone, LIMITS, type OnTask } from '@taskwire/contract'
import { sql, type SQL } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { countUp, effect, finish, log, mutate, type Param, recordValues } from '../effect.ts'

interface Purge {
  /** Which tasks, null where there is none: rows of (ord bigint, t tw.tasks, spot tid). */
  found: SQL
  /** The path of the id of a task that is not there, as JSON over `old`. */
  missing: SQL
  most: SQL
  /** True to say what would go, and erase nothing. */
  dry: SQL
}

/** Erases tasks: the rows, what their Changes hold, and the stored replies that show them. */
export function purgeTasks(p: Param<never>, { found, missing, most, dry }: Purge): SQL {
  const reply = sql`json_build_object('affected', (select count(*) from old),
    -- What has been purged is shown no more.
    'tasks', coalesce((select json_agg(tw.task_json(t) order by n) from old where ${dry} and n <= ${sql.raw(String(LIMITS.bulkTasksShown))}), '[]'),
    'revision', coalesce((select revision from head), (select revision from tw.spaces where id = tw.space())))`
  return purging(p, {
    found,
    missing,
    dry,
    reply,
    refusals: sql`select 4, 'limit', null where (select count(*) from old) > ${most}`,
  })
}

function purging(
  p: Param<never>,
  { found, missing, dry, reply, refusals }: Omit<Purge, 'most'> & { reply: SQL; refusals: SQL },
): SQL {
  return sql`with
  old as materialized (select ord, t, spot, row_number() over (order by ord) as n from (${found}) x where tw.live()),
  refusal as materialized (
    select * from (
      (select 1 as rank, 'missing' as outcome, ${missing} as current from old where (t).id is null order by ord limit 1)
      union all ${refusals}
    ) r order by rank limit 1
  ),
  ${countUp(sql`old`, sql`not ${dry} and not exists (select from refusal)`)},
  gone as (
    -- By its place on disk each row is found at once, here and below, whatever the planner expects. The last
    -- condition is looked at before any row is.
    delete from tw.tasks t using old o where t.space_id = tw.space() and t.ctid = o.spot and exists (select from head)
  ),
  erased as materialized (select (o.t).id, head.base + o.n as revision from old o, head),
  told as materialized (
    select c.spot from erased e cross join lateral (
      select c.ctid as spot from tw.changes c where c.space_id = tw.space() and c.entity_id = e.id and c.entity = 'task' offset 0
    ) c
  ),
  emptied as (
    update tw.changes c set redacted = true,
      before = case when c.before is not null then '{}'::jsonb end, after = case when c.after is not null then '{}'::jsonb end
    from told where c.space_id = tw.space() and c.ctid = told.spot
    returning c.mutation_id
  ),
  showing as materialized (
    select m.spot from (select distinct mutation_id as id from emptied) e cross join lateral (
      select m.ctid as spot from tw.mutations m where m.space_id = tw.space() and m.mutation_id = e.id offset 0
    ) m
    union select m.spot from erased e cross join lateral (
      select m.ctid as spot from tw.mutations m where m.space_id = tw.space() and m.unchanged_id = e.id offset 0
    ) m
  ),
  forgotten as (
    update tw.mutations m set reply = null from showing
    where m.space_id = tw.space() and m.ctid = showing.spot and m.reply is not null
  ),
  ${log(
    'log',
    // What it was is not kept: that is what purging is for.
    sql`(select e.revision, 'task' as entity, e.id as entity_id, 'purge' as action, '{}'::json as before_json, null::json as after_json from erased e)`,
    p,
  )},
  result as (
    select outcome, current as reply, null::uuid as unchanged_id from refusal
    union all select 'ok', ${reply}, null where not exists (select from refusal)
  ),
  ${finish(p)}`
}

const purge = effect<'id' | 'expected'>((p) =>
  purging(p, {
    found: sql`select 1::bigint as ord, t, t.ctid as spot
      from (select ${p('id')}::uuid as id) a left join tw.tasks t on t.space_id = tw.space() and t.id = a.id`,
    refusals: sql`select 3, 'conflict', tw.task_json(t) from old where (t).revision <> ${p('expected')}::bigint`,
    missing: sql`null::json`,
    dry: sql`false`,
    reply: sql`(select json_build_object('id', id, 'revision', revision) from erased)`,
  }),
)

export async function purgeTask(ctx: CallContext, input: OnTask): Promise<Gone> {
  const { id, expectedRevision: expected = null } = input
  return await mutate<Gone>(ctx, purge.with({ id, expected, ...recordValues(ctx) }))
}
