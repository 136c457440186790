import { LIMITS, type TaskChanges, textKey } from '@taskwire/contract'
import { sql, type SQL } from '@taskwire/db'
import { type By, countUp, finish, log, type Param } from '../effect.ts'

export interface TasksChange {
  /** Which tasks, and what of them: rows of (id uuid, ord bigint, patch jsonb). */
  patches?: SQL
  /** The same with the tasks themselves, null where there is none: rows of (ord bigint, patch jsonb, t tw.tasks, spot tid). */
  found?: SQL
  /** Common table expressions that `patches` uses, each with a comma behind it. */
  before?: SQL
  /** IN_TRASH for a task that is there. */
  refuseTrash?: boolean
  /** The path of the id of a task that is not there, as JSON over `old`; `id` unless given. */
  missing?: SQL
  /** Other refusals: rows of (rank, outcome, current); the lowest rank is told. */
  refusals?: SQL
  expected?: SQL
  /** How many tasks may change. */
  most?: SQL
  /** An expression: true to say what would change, and change nothing. */
  dry?: SQL
  /** One task; how many and the first of them; or how many, which holds no task that is kept with the reply. */
  reply: 'task' | 'bulk' | 'count'
  by?: By
  /** What else the same commit changes: its revisions come behind those of the tasks. */
  also?: Also
}

export interface Also {
  /** Rows to count, one for each revision. */
  counted: SQL
  /** Common table expressions behind `head`, each with a comma behind it. */
  effects: SQL
  /** Rows of the log, as log() takes them. */
  logged: SQL
  /** Refusals: (rank, outcome, current). */
  refusals: SQL
}

/** The fields of a task that a patch may hold, in the shape of the contract's changes, with `tagKeys` and `position`. */
const FIELDS = {
  list_id: sql`case when o.patch ? 'listId' then (o.patch->>'listId')::uuid else (o.t).list_id end`,
  title: sql`case when o.patch ? 'title' then o.patch->>'title' else (o.t).title end`,
  description: sql`case when o.patch ? 'description' then o.patch->>'description' else (o.t).description end`,
  complete: sql`case when o.patch ? 'complete' then (o.patch->>'complete')::boolean else (o.t).complete end`,
  priority: sql`case when o.patch ? 'priority' then tw.priority_rank(o.patch->>'priority') else (o.t).priority end`,
  tags: sql`case when o.patch ? 'tags' then array(select jsonb_array_elements_text(o.patch->'tags')) else (o.t).tags end`,
  tag_keys: sql`case when o.patch ? 'tags' then array(select jsonb_array_elements_text(o.patch->'tagKeys')) else (o.t).tag_keys end`,
  due_date: sql`case when o.patch ? 'due' then (o.patch->'due'->>'date')::date
    when o.patch ? 'dueDate' then (o.patch->>'dueDate')::date else (o.t).due_date end`,
  due_time: sql`case when o.patch ? 'due' then (o.patch->'due'->>'time')::time else (o.t).due_time end`,
  due_zone: sql`case when o.patch ? 'due' then o.patch->'due'->>'timeZone' else (o.t).due_zone end`,
  position: sql`coalesce(o.patch->>'position', (o.t).position)`,
  trashed: sql`case when o.patch ? 'deletedAt' then o.patch->>'deletedAt' is not null else (o.t).deleted_at is not null end`,
}
const NAMES = Object.keys(FIELDS)
const columns = (list: readonly string[], prefix: string): SQL =>
  sql.raw(list.map((name) => `${prefix}${name}`).join(', '))
const assigned = sql.raw(
  NAMES.filter((name) => name !== 'trashed')
    .map((name) => `${name} = d.${name}`)
    .join(', '),
)
const fields = sql.join(
  Object.entries(FIELDS).map(([name, value]) => sql`${value} as ${sql.raw(name)}`),
  sql`, `,
)
/** The task of each id, null where there is none: rows of (t, spot). One by one, by its key: see ADR 14. */
export const taskOf = (id: SQL): SQL =>
  sql`lateral (select t, t.ctid as spot from tw.tasks t where t.space_id = tw.space() and t.id = ${id} offset 0)`
const joined = (patches: SQL): SQL =>
  sql`select p.ord, p.patch, x.t, x.spot from (${patches}) p left join ${taskOf(sql`p.id`)} x on true`
const was = sql.raw(
  NAMES.map((name) => (name === 'trashed' ? '((o.t).deleted_at is not null)' : `(o.t).${name}`)).join(', '),
)

/** What was done to a task that differs, whatever procedure did it. */
export function actionOf(was: SQL, now: SQL): SQL {
  return sql`case when ${was}.deleted_at is null and ${now}.deleted_at is not null then 'delete'
      when ${was}.deleted_at is not null and ${now}.deleted_at is null then 'restore'
      when ${was}.complete <> ${now}.complete then case when ${now}.complete then 'complete' else 'reopen' end
      when (${was}.list_id, ${was}.position) is distinct from (${now}.list_id, ${now}.position) then 'move'
      else 'update' end`
}

/**
 * The one statement that changes tasks that exist: reads them, refuses or changes them, counts the
 * head up by those that really differ, and logs and records it. `old` has the tasks in order.
 */
export function changeTasks(p: Param<never>, change: TasksChange): SQL {
  const {
    patches = sql``,
    found,
    before = sql``,
    refuseTrash = false,
    missing = sql`null::json`,
    refusals,
    expected,
    most = sql`${sql.raw(String(LIMITS.tasksPerMutation))}`,
    dry = sql`false`,
    by,
    also,
  } = change
  const shown = sql`'tasks', coalesce(
              (select json_agg(json order by n) from (select * from pair order by n limit ${sql.raw(String(LIMITS.bulkTasksShown))}) shown),
              (select json_agg(tw.task_json(was) order by n) from (select * from diff where ${dry} order by n limit ${sql.raw(String(LIMITS.bulkTasksShown))}) shown),
              '[]'),`
  const reply =
    change.reply === 'task'
      ? sql`select 'ok', coalesce((select json from pair), (select tw.task_json(t) from old)),
          (select (t).id from old where not exists (select from pair)) from old`
      : sql`select 'ok', json_build_object(
            'affected', (select count(*) from diff)${also === undefined ? sql`` : sql` + (select count(*) from (${also.counted}) also)`},
            ${change.reply === 'count' ? sql`` : shown}
            'revision', coalesce((select revision from head), (select revision from tw.spaces where id = tw.space()))), null::uuid`
  return sql`with ${before}
  old as materialized (select ord, patch, t, spot from (${found ?? joined(patches)}) x where tw.live()),
  diff as materialized (
    select o.ord, o.t as was, (o.t).id, o.spot, o.patch, x.*, row_number() over (order by o.ord) as n
    from old o cross join lateral (select ${fields}) x
    where (o.t).id is not null and (${columns(NAMES, 'x.')}) is distinct from (${was})
  ),
  refusal as materialized (
    select * from (
      (select 1 as rank, 'missing' as outcome, ${missing} as current from old where (t).id is null order by ord limit 1)
      union all select 2, 'in_trash', tw.task_json(t) from old where ${refuseTrash ? sql`(t).deleted_at is not null` : sql`false`}
      union all select 3, 'conflict', tw.task_json(t) from old where ${expected === undefined ? sql`false` : sql`(t).revision <> ${expected}::bigint`}
      union all select 4, 'limit', null where (select count(*) from diff) > ${most}
      ${refusals === undefined ? sql`` : sql`union all ${refusals}`}
      ${also === undefined ? sql`` : sql`union all ${also.refusals}`}
    ) r order by rank limit 1
  ),
  ${countUp(also === undefined ? sql`diff` : sql`(select from diff union all ${also.counted}) rows`, sql`not ${dry} and not exists (select from refusal)`)},
  changed as (
    update tw.tasks t set ${assigned},
      completed_at = case when not d.complete then null
        when d.patch->>'completedAt' is not null then (d.patch->>'completedAt')::timestamptz
        when (d.was).complete then (d.was).completed_at else head.at end,
      due_at = case when d.patch ?| array['due', 'dueDate'] then tw.due_at(d.due_date, d.due_time, d.due_zone) else (d.was).due_at end,
      deleted_at = case when d.trashed then coalesce((d.was).deleted_at, nullif(d.patch->>'deletedAt', 'now')::timestamptz, head.at) end,
      revision = head.base + d.n, updated_at = head.at
    -- By its place on disk each row is found again at once: a plan for few rows would compare all with all.
    -- The last condition is looked at before any row is.
    from diff d, head where t.space_id = tw.space() and t.ctid = d.spot and exists (select from head)
    returning d.n, d.was, t as task
  ),
  ${also?.effects ?? sql``}
  pair as materialized (select d.*, tw.task_json(d.was) as was_json, tw.task_json(d.task) as json from changed d),
  ${log(
    'log',
    sql`(select (d.task).revision, 'task' as entity, (d.task).id as entity_id, ${actionOf(sql`(d.was)`, sql`(d.task)`)} as action,
      d.was_json as before_json, d.json as after_json from pair d ${also === undefined ? sql`` : sql`union all ${also.logged}`})`,
    p,
    by,
  )},
  result as (
    select outcome, current as reply, null::uuid as unchanged_id from refusal
    union all select * from (${reply}) as ok (outcome, reply, unchanged_id) where not exists (select from refusal)
  ),
  ${finish(p)}`
}

/** The patch of a change that a caller asked for. */
export function patchOf(changes: TaskChanges): string {
  return JSON.stringify(changes.tags === undefined ? changes : { ...changes, tagKeys: changes.tags.map(textKey) })
}
