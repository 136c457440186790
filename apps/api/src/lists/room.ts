import { DatabaseError, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { countUp, effect, finish, log, mutate, recordValues } from '../effect.ts'

// Positions grow where many lists are placed at one spot. All of them then go behind the last one,
// in their order: so none takes a place that another still has.
const spread = effect<'self' | 'expected'>(
  (p) => sql`with
  old as materialized (
    select l as was, row_number() over (order by l.position) as n from tw.lists l where l.space_id = tw.space()
      -- Nothing to do for a move that is to be refused.
      and (${p('expected')}::bigint is null or exists (
        select from tw.lists s where s.space_id = tw.space() and s.id = ${p('self')}::uuid and s.revision = ${p('expected')}::bigint))
  ),
  ${countUp(sql`old`)},
  changed as (
    update tw.lists l set position = tw.position_text(last.place + d.n), revision = head.base + d.n, updated_at = head.at
    from old d, head, (select tw.position_integer(max((was).position)) as place from old) last
    where l.space_id = tw.space() and l.id = (d.was).id
    returning tw.list_json(d.was) as was_json, tw.list_json(l) as json, l.revision, l.id
  ),
  ${log(
    'log',
    sql`(select c.revision, 'list' as entity, c.id as entity_id, 'move' as action, c.was_json as before_json, c.json as after_json from changed c)`,
    p,
    'system',
  )},
  result as (
    select 'ok' as outcome, json_build_object('revision', (select revision from changed where id = ${p('self')}::uuid)) as reply, null::uuid as unchanged_id
  ),
  ${finish(p)}`,
)

/** Runs a mutation that places a list; where no position is left there, makes room and runs it once more. */
export async function withRoom<T>(
  ctx: CallContext,
  run: (expected: number | null) => Promise<T>,
  { id: self, expected }: { id: string | null; expected: number | null } = { id: null, expected: null },
): Promise<T> {
  try {
    return await run(expected)
  } catch (error) {
    if (!(error instanceof DatabaseError && error.fault === 'no_room')) throw error
  }
  // A mutation of its own, without an id: doing it twice does no harm.
  const own = { ...ctx, mutation: { ...ctx.mutation, id: null } }
  const { revision } = await mutate<{ revision: number | null }>(
    own,
    spread.with({ self, expected, ...recordValues(own) }),
  )
  // The list itself was among them: that is no change that its caller has to look at.
  return await run(expected === null ? null : (revision ?? expected))
}
