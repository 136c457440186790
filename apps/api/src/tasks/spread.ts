import type { BulkResult } from '@taskwire/contract'
import { DatabaseError, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { effect, mutate, recordValues } from '../effect.ts'
import { changeTasks } from './change-tasks.ts'

// Positions grow where many tasks are placed at one spot. The tasks behind it are then spread anew
// over the room up to the next one: of 2n positions in order, at least n are not in use by them.
const spread = effect<'self' | 'after' | 'expected' | 'window'>((p) =>
  changeTasks(p, {
    before: sql`spot as materialized (
        select t.space_id, t.list_id, t.position as previous from tw.tasks t
        where t.space_id = tw.space() and t.id = ${p('after')}::uuid and t.deleted_at is null
          -- Another call may have made room meanwhile. A run of 500 takes up three digits.
          and length(tw.position_between(t.position, (
            select min(n.position) from tw.tasks n where n.space_id = tw.space() and n.deleted_at is null and n.position > t.position
              and case when n.list_id is null then n.space_id else n.list_id end = case when t.list_id is null then t.space_id else t.list_id end
          ))) > 60
          -- Nothing to do for a move that is to be refused.
          and (${p('expected')}::bigint is null or exists (
            select from tw.tasks s where s.space_id = tw.space() and s.id = ${p('self')}::uuid and s.revision = ${p('expected')}::bigint))
      ),
      behind as materialized (
        select t.id, t.position, row_number() over (order by t.position) as nr from tw.tasks t, spot
        where t.space_id = tw.space() and t.deleted_at is null and t.position > spot.previous
          and case when t.list_id is null then t.space_id else t.list_id end = case when spot.list_id is null then spot.space_id else spot.list_id end
        order by t.position limit ${p('window')}::int + 1
      ),
      free as materialized (
        select position, row_number() over (order by position collate "C") as nr
        from unnest(tw.positions_between(
          (select previous from spot),
          (select position from behind where nr = ${p('window')}::int + 1),
          (2 * (select count(*) from behind where nr <= ${p('window')}::int))::int
        )) position
        where position not in (select position from behind)
      ),`,
    // The reply shows `self` before the others.
    patches: sql`select b.id, case when b.id = ${p('self')}::uuid then 0 else b.nr end as ord, jsonb_build_object('position', f.position) as patch
      from behind b join free f on f.nr = b.nr where b.nr <= ${p('window')}::int`,
    reply: 'bulk',
    by: 'system',
  }),
)

// The second is for a spot where thousands were placed: all of the first window stands close together.
const WINDOWS = [500, 9999]
/**
 * Runs a mutation that places tasks behind those of `spots`; where no position is left, makes room
 * and runs it once more. `self` is a task that is moved there.
 */
export async function withRoom<T>(
  ctx: CallContext,
  spots: readonly (string | null | undefined)[],
  run: (expected: number | null) => Promise<T>,
  self?: { id: string; expected: number | null },
): Promise<T> {
  let expected = self?.expected ?? null
  for (const window of WINDOWS) {
    try {
      return await run(expected)
    } catch (error) {
      if (!(error instanceof DatabaseError && error.fault === 'no_room')) throw error
    }
    // A mutation of its own, without an id: doing it twice does no harm.
    const own = { ...ctx, mutation: { ...ctx.mutation, id: null } }
    // First and last in a list there is always room.
    for (const after of spots.filter((spot) => typeof spot === 'string')) {
      const values = { self: self?.id ?? null, after, expected, window }
      const { tasks } = await mutate<BulkResult>(own, spread.with({ ...values, ...recordValues(own) }))
      // The task itself may have been among them: that is no change that its caller has to look at.
      if (expected !== null) expected = tasks.find(({ id }) => id === self?.id)?.revision ?? expected
    }
  }
  return await run(expected)
}
