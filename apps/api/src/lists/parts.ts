import { sql, type SQL } from '@taskwire/db'
import type { Param } from '../effect.ts'

/** What was done to a list that differs: a move is of its place alone. */
export const listAction = (was: SQL, now: SQL): SQL =>
  sql`case when ${was}.name = ${now}.name then 'move' else 'update' end`

/** The list itself, as `was`, where the mutation has not been applied before. */
export const oldList = (p: Param<'id'>): SQL =>
  sql`old as materialized (select l as was from tw.lists l where l.space_id = tw.space() and l.id = ${p('id')}::uuid and tw.live())`

/** Refuses what is not there, or has changed since. */
export const missingOrChanged = (p: Param<'expected'>): SQL =>
  sql`select 1 as rank, 'missing' as outcome, null::json as current where not exists (select from old)
      union all select 2, 'conflict', tw.list_json(was) from old where (was).revision <> ${p('expected')}::bigint`
