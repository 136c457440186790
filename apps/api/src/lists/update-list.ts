import { type List, type ListUpdate, textKey } from '@taskwire/contract'
import { sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { countUp, effect, finish, log, mutate, recordValues } from '../effect.ts'
import { invalid } from '../errors.ts'
import { listAction, missingOrChanged, nameTaken, noAfter, oldList } from './parts.ts'
import { withRoom } from './room.ts'

const update = effect<'id' | 'name' | 'nameKey' | 'placed' | 'after' | 'expected'>(
  (p) => sql`with
  ${oldList(p)},
  refusal as materialized (
    select outcome, current from (
      ${missingOrChanged(p)} union all ${nameTaken(p)} union all ${noAfter(p, sql`'"changes.after"'::json`)}
    ) r order by rank limit 1
  ),
  diff as materialized (
    select was, coalesce(${p('name')}, (was).name) as name, coalesce(${p('nameKey')}, (was).name_key) as name_key,
      case when ${p('placed')}::boolean then tw.place_list(true, ${p('after')}::uuid, (was).id) else (was).position end as position
    from old where not exists (select from refusal)
  ),
  ${countUp(sql`(select from diff where (name, position) is distinct from ((was).name, (was).position)) differs`)},
  changed as (
    update tw.lists l set name = d.name, name_key = d.name_key, position = d.position, revision = head.revision, updated_at = head.at
    from diff d, head where l.space_id = tw.space() and l.id = (d.was).id
    returning tw.list_json(d.was) as was_json, tw.list_json(l) as json, l.revision, l.id, ${listAction(sql`(d.was)`, sql`l`)} as action
  ),
  ${log(
    'log',
    sql`(select c.revision, 'list' as entity, c.id as entity_id, c.action, c.was_json as before_json, c.json as after_json from changed c)`,
    p,
  )},
  result as (
    select outcome, current as reply, null::uuid as unchanged_id from refusal
    union all select 'ok', coalesce((select json from changed), tw.list_json(was)), null from old where not exists (select from refusal)
  ),
  ${finish(p)}`,
)

export async function updateList(ctx: CallContext, input: ListUpdate): Promise<List> {
  const { id, changes, expectedRevision = null } = input
  const { name = null, after } = changes
  if (after === id) throw invalid('changes.after', 'is the list itself; name another list, or null for first')
  const nameKey = name === null ? null : textKey(name)
  const values = { id, name, nameKey, placed: after !== undefined, after: after ?? null }
  return await withRoom(
    ctx,
    async (expected) => await mutate<List>(ctx, update.with({ ...values, expected, ...recordValues(ctx) })),
    { id, expected: expectedRevision },
  )
}
