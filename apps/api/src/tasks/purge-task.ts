import type { Gone, OnTask } from '@taskwire/contract'
import { sql, type SQL } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { countUp, effect, finish, log, mutate, type Param, recordValues } from '../effect.ts'

/**
 * Erases the tasks of `chosen` (id, ord): the rows, what their Changes hold, and the stored replies
 * that show them. `reply` may read `erased` (id, revision) and `head`.
 */
export function purging(
  p: Param<never>,
  {
    before = sql``,
    chosen,
    refusals,
    most,
    dry,
    reply,
  }: { before?: SQL; chosen: SQL; refusals: SQL; most: SQL; dry: SQL; reply: SQL },
): SQL {
  return sql`with ${before}
  patch as materialized (select * from (${chosen}) x where tw.live()),
  old as materialized (
    select p.ord, row_number() over (order by p.ord) as n, t from patch p join tw.tasks t on t.user_id = tw.me() and t.id = p.id
  ),
  refusal as materialized (
    select * from (${refusals} union all select 4, 'limit', null where (select count(*) from old) > ${most}) r order by rank limit 1
  ),
  ${countUp(sql`old`, sql`not ${dry} and not exists (select from refusal)`)},
  gone as (
    delete from tw.tasks t using old o, head where t.user_id = tw.me() and t.id = (o.t).id returning t.id
  ),
  erased as materialized (select (o.t).id, head.base + o.n as revision from old o, head),
  emptied as (
    update tw.changes c set redacted = true,
      before = case when c.before is not null then '{}'::jsonb end, after = case when c.after is not null then '{}'::jsonb end
    from erased e where c.user_id = tw.me() and c.entity_id = e.id
    returning c.mutation_id
  ),
  forgotten as (
    update tw.mutations m set reply = null
    where m.user_id = tw.me() and m.reply is not null and (
      m.mutation_id in (select mutation_id from emptied) or m.unchanged_id in (select id from erased))
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
    chosen: sql`select ${p('id')}::uuid as id, 1::bigint as ord`,
    refusals: sql`select 1 as rank, 'missing' as outcome, null::json as current from patch where not exists (select from old)
      union all select 3, 'conflict', tw.task_json(t) from old where (t).revision <> ${p('expected')}::bigint`,
    most: sql`1`,
    dry: sql`false`,
    reply: sql`(select json_build_object('id', id, 'revision', revision) from erased)`,
  }),
)

export async function purgeTask(ctx: CallContext, input: OnTask): Promise<Gone> {
  const { id, expectedRevision: expected = null } = input
  return await mutate<Gone>(ctx, purge.with({ id, expected, ...recordValues(ctx) }))
}
