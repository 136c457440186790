import { type List, type ListCreate, textKey } from '@taskwire/contract'
import { sql } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { countUp, effect, finish, log, mutate, recordValues } from '../effect.ts'
import { nameTaken, noAfter } from './parts.ts'
import { withRoom } from './room.ts'

const create = effect<'id' | 'name' | 'nameKey' | 'placed' | 'after'>(
  (p) => sql`with
  refusal as materialized (
    select outcome, current from (
      select 1 as rank, 'exists' as outcome, tw.list_json(l) as current from tw.lists l where l.space_id = tw.space() and l.id = ${p('id')}::uuid
      -- The id of a list that was there: its Changes tell of it still.
      union all select 2, 'exists', null from tw.changes c where c.space_id = tw.space() and c.entity_id = ${p('id')}::uuid
      union all ${nameTaken(p)}
      union all ${noAfter(p, sql`null::json`)}
    ) r order by rank limit 1
  ),
  ${countUp(sql`(select where tw.live() and not exists (select from refusal)) made`)},
  made as (
    insert into tw.lists as l (space_id, id, name, name_key, position, revision, created_at, updated_at)
    select tw.space(), ${p('id')}::uuid, ${p('name')}, ${p('nameKey')},
      tw.place_list(${p('placed')}::boolean, ${p('after')}::uuid, null), head.revision, head.at, head.at from head
    returning tw.list_json(l) as json, l.revision, l.id
  ),
  ${log(
    'log',
    sql`(select m.revision, 'list' as entity, m.id as entity_id, 'create' as action, null::json as before_json, m.json as after_json from made m)`,
    p,
  )},
  result as (
    select outcome, current as reply, null::uuid as unchanged_id from refusal
    union all select 'ok', json, null from made
  ),
  ${finish(p)}`,
)

export async function createList(ctx: CallContext, input: ListCreate): Promise<List> {
  const { id = uuidv7(), name, after } = input
  const values = { id, name, nameKey: textKey(name), placed: after !== undefined, after: after ?? null }
  return await withRoom(ctx, async () => await mutate<List>(ctx, create.with({ ...values, ...recordValues(ctx) })))
}
