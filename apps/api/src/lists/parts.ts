import { sql, type SQL } from '@taskwire/db'
import type { Param } from '../effect.ts'

/** Refuses a name that another list has, with that list as `current`. */
export const nameTaken = (p: Param<'nameKey' | 'id'>): SQL =>
  sql`select 3 as rank, 'exists' as outcome, tw.list_json(l) as current
  from tw.lists l where l.space_id = tw.space() and l.name_key = ${p('nameKey')} and l.id <> ${p('id')}::uuid`

/** What was done to a list that differs: a move is of its place alone. */
export const listAction = (was: SQL, now: SQL): SQL =>
  sql`case when ${was}.name = ${now}.name then 'move' else 'update' end`

/** The list itself, as `was`, where the mutation has not been applied before. */
export const oldList = (p: Param<'id'>): SQL =>
  sql`old as materialized (select l as was from tw.lists l where l.space_id = tw.space() and l.id = ${p('id')}::uuid and tw.live())`

/** Refuses to be placed after what is not there; `path` is that of the id in the input, as JSON. */
export const noAfter = (p: Param<'after'>, path: SQL): SQL =>
  sql`select 4, 'no_after', ${path} where ${p('after')}::uuid is not null
    and not exists (select from tw.lists l where l.space_id = tw.space() and l.id = ${p('after')}::uuid)`

/** Refuses what is not there, or has changed since. */
export const missingOrChanged = (p: Param<'expected'>): SQL =>
  sql`select 1 as rank, 'missing' as outcome, null::json as current where not exists (select from old)
      union all select 2, 'conflict', tw.list_json(was) from old where (was).revision <> ${p('expected')}::bigint`
