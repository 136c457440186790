import { createHash } from 'node:crypto'
import { DatabaseError, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { effect, mutate, recordValues } from '../effect.ts'
import { changeTasks } from './change-tasks.ts'

// Positions grow where many tasks are placed at one spot. The tasks behind it are then spread anew
// over the room up to the next one: among 2n + 1 positions at least n are not in use by them.
const WINDOW = 500
const spread = effect<'self' | 'elsewhere' | 'list' | 'after'>((p) =>
  changeTasks(p, {
    patches: sql`
      select w.id, w.ord, jsonb_build_object('position', f.position) as patch
      from (
        select t.id, row_number() over (order by t.position) as ord from tw.tasks t, spot
        where t.user_id = tw.me() and coalesce(t.list_id, t.user_id) = spot.shelf and t.deleted_at is null
          and t.position > coalesce(spot.previous, '')
        order by t.position limit ${sql.raw(String(WINDOW))}
      ) w join free f on f.ord = w.ord`,
    before: sql`spot as materialized (
        select coalesce(case when ${p('elsewhere')}::boolean then ${p('list')}::uuid else (
            select t.list_id from tw.tasks t where t.user_id = tw.me() and t.id = ${p('self')}::uuid
          ) end, tw.me()) as shelf, (
          select t.position from tw.tasks t where t.user_id = tw.me() and t.id = ${p('after')}::uuid and t.deleted_at is null
        ) as previous
      ),
      behind as materialized (
        select t.position, row_number() over (order by t.position) as ord from tw.tasks t, spot
        where t.user_id = tw.me() and coalesce(t.list_id, t.user_id) = spot.shelf and t.deleted_at is null
          and t.position > coalesce(spot.previous, '')
        order by t.position limit ${sql.raw(String(WINDOW + 1))}
      ),
      free as materialized (
        select position, row_number() over (order by position) as ord
        from unnest(tw.positions_between(
          (select previous from spot),
          (select position from behind where ord = ${sql.raw(String(WINDOW + 1))}),
          (2 * (select count(*) from behind where ord <= ${sql.raw(String(WINDOW))}) + 2)::int
        )) position
        where position not in (select position from behind)
          -- The first stays free for what is to be placed there.
        order by position offset 1
      ),`,
    action: sql`'move'`,
    reply: 'bulk',
  }),
)

const NO_PAYLOAD = createHash('sha256').digest()

interface Placed {
  /** Of a task that exists; without a list it stays in its own. */
  id?: string | undefined
  listId?: string | null | undefined
  after?: string | null | undefined
}

/** Runs a mutation that places tasks; where no position is left, makes room and runs it once more. */
export async function withRoom<T>(
  ctx: CallContext,
  places: readonly Placed[],
  exists: boolean,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof DatabaseError && error.fault === 'no_room')) throw error
    // A mutation of its own, without an id: doing it twice does no harm.
    const own = { ...ctx, mutation: { id: null, payload: NO_PAYLOAD } }
    for (const { id = null, listId, after = null } of places.filter((place) => place.after !== undefined)) {
      const elsewhere = listId !== undefined || !exists
      await mutate(own, spread.with({ self: id, elsewhere, list: listId ?? null, after, ...recordValues(own) }))
    }
    return await run()
  }
}
