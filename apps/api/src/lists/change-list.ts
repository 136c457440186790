import { type Gone, type List, type ListCreate, type ListDelete, type ListUpdate, textKey } from '@taskwire/contract'
import { sql, type SQL } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { countUp, effect, finish, log, mutate, type Param, recordValues } from '../effect.ts'
import { invalid } from '../errors.ts'

const listLog = (rows: SQL, p: Param<never>): SQL => log('log', rows, p)

/** Refuses a name that another list has, with that list as `current`. */
const nameTaken = (
  p: Param<'nameKey' | 'id'>,
): SQL => sql`select 3 as rank, 'exists' as outcome, tw.list_json(l) as current
  from tw.lists l where l.user_id = tw.me() and l.name_key = ${p('nameKey')} and l.id <> ${p('id')}::uuid`

const create = effect<'id' | 'name' | 'nameKey' | 'placed' | 'after'>(
  (p) => sql`with
  refusal as materialized (
    select outcome, current from (
      select 1 as rank, 'exists' as outcome, tw.list_json(l) as current from tw.lists l where l.user_id = tw.me() and l.id = ${p('id')}::uuid
      union all ${nameTaken(p)}
      -- The id of a list that was there: its Changes tell of it still.
      union all select 2, 'exists', null from tw.changes c where c.user_id = tw.me() and c.entity_id = ${p('id')}::uuid
    ) r order by rank limit 1
  ),
  ${countUp(sql`(select where tw.live() and not exists (select from refusal)) made`)},
  made as (
    insert into tw.lists as l (user_id, id, name, name_key, position, revision, created_at, updated_at)
    select tw.me(), ${p('id')}::uuid, ${p('name')}, ${p('nameKey')},
      tw.place_list(${p('placed')}::boolean, ${p('after')}::uuid, null), head.revision, head.at, head.at from head
    returning tw.list_json(l) as json, l.revision, l.id
  ),
  ${listLog(sql`(select m.revision, 'list' as entity, m.id as entity_id, 'create' as action, null::json as before_json, m.json as after_json from made m)`, p)},
  result as (
    select outcome, current as reply, null::uuid as unchanged_id from refusal
    union all select 'ok', json, null from made
  ),
  ${finish(p)}`,
)

export async function createList(ctx: CallContext, input: ListCreate): Promise<List> {
  const { id = uuidv7(), name, after } = input
  const values = { id, name, nameKey: textKey(name), placed: after !== undefined, after: after ?? null }
  return await mutate<List>(ctx, create.with({ ...values, ...recordValues(ctx) }))
}

const update = effect<'id' | 'name' | 'nameKey' | 'placed' | 'after' | 'expected'>(
  (p) => sql`with
  old as materialized (select l as was from tw.lists l where l.user_id = tw.me() and l.id = ${p('id')}::uuid and tw.live()),
  refusal as materialized (
    select outcome, current from (
      select 1 as rank, 'missing' as outcome, null::json as current where not exists (select from old)
      union all select 2, 'conflict', tw.list_json(was) from old where (was).revision <> ${p('expected')}::bigint
      union all ${nameTaken(p)}
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
    from diff d, head where l.user_id = tw.me() and l.id = (d.was).id
    returning tw.list_json(d.was) as was_json, tw.list_json(l) as json, l.revision, l.id
  ),
  ${listLog(sql`(select c.revision, 'list' as entity, c.id as entity_id, 'update' as action, c.was_json as before_json, c.json as after_json from changed c)`, p)},
  result as (
    select outcome, current as reply, null::uuid as unchanged_id from refusal
    union all select 'ok', coalesce((select json from changed), tw.list_json(was)), null from old where not exists (select from refusal)
  ),
  ${finish(p)}`,
)

export async function updateList(ctx: CallContext, input: ListUpdate): Promise<List> {
  const { id, changes, expectedRevision: expected = null } = input
  const { name = null, after } = changes
  if (after === id) throw invalid('changes.after', 'is the list itself; name another list, or null for first')
  const nameKey = name === null ? null : textKey(name)
  const values = { id, name, nameKey, placed: after !== undefined, after: after ?? null, expected }
  return await mutate<List>(ctx, update.with({ ...values, ...recordValues(ctx) }))
}

// The list's tasks first, in the order of the list, those in the trash behind; then the list itself.
const remove = effect<'id' | 'trash' | 'expected'>(
  (p) => sql`with
  old as materialized (select l as was from tw.lists l where l.user_id = tw.me() and l.id = ${p('id')}::uuid and tw.live()),
  held as materialized (
    select t as was, row_number() over (order by t.deleted_at is not null, t.position, t.id) as n
    from old join tw.tasks t on t.user_id = tw.me() and t.list_id = (old.was).id
  ),
  refusal as materialized (
    select outcome, current from (
      select 1 as rank, 'missing' as outcome, null::json as current where not exists (select from old)
      union all select 2, 'conflict', tw.list_json(was) from old where (was).revision <> ${p('expected')}::bigint
      union all select 3, 'limit', null from held having count(*) >= 10000
    ) r order by rank limit 1
  ),
  ${countUp(sql`(select from held union all select from old) rows`, sql`not exists (select from refusal)`)},
  moved as (
    update tw.tasks t set list_id = null, revision = head.base + d.n, updated_at = head.at,
      deleted_at = case when ${p('trash')}::boolean then coalesce(t.deleted_at, head.at) else t.deleted_at end,
      position = case when t.deleted_at is null and not ${p('trash')}::boolean then tw.position_behind(null, d.n) else t.position end
    from held d, head where t.user_id = tw.me() and t.id = (d.was).id
    returning tw.task_json(d.was) as was_json, tw.task_json(t) as json, t.revision, t.id, d.was, t.deleted_at
  ),
  gone as (
    delete from tw.lists l using old, head where l.user_id = tw.me() and l.id = (old.was).id
    returning tw.list_json(l) as was_json, l.id, head.revision
  ),
  ${listLog(
    sql`(
      select m.revision, 'task' as entity, m.id as entity_id,
        case when m.deleted_at is distinct from (m.was).deleted_at then 'delete' else 'move' end as action,
        m.was_json as before_json, m.json as after_json from moved m
      union all select g.revision, 'list', g.id, 'delete', g.was_json, null from gone g
    )`,
    p,
  )},
  result as (
    select outcome, current as reply, null::uuid as unchanged_id from refusal
    union all select 'ok', json_build_object('id', id, 'revision', revision), null from gone
  ),
  ${finish(p)}`,
)

export async function deleteList(ctx: CallContext, input: ListDelete): Promise<Gone> {
  const { id, tasks, expectedRevision: expected = null } = input
  return await mutate<Gone>(ctx, remove.with({ id, trash: tasks === 'trash', expected, ...recordValues(ctx) }))
}
