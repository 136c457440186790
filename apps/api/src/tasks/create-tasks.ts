import { type Task, type TaskDraft, textKey } from '@taskwire/contract'
import { sql, type SQL } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { countUp, effect, finish, log, mutate, type Param, recordValues } from '../effect.ts'
import { invalid } from '../errors.ts'
import { taskOf } from './change-tasks.ts'
import { type Placing, placings } from './placing.ts'
import { withRoom } from './spread.ts'

/** `path` is that of a field of a draft `d`, as JSON. */
const inserting = (reply: SQL, path: (field: string) => SQL) => (p: Param<'drafts'>) =>
  sql`with
  draft as materialized (
    select (d.value->>'id')::uuid as id, (d.value->>'nr')::int as nr, (d.value->>'listId')::uuid as list, (d.value->>'after')::uuid as after
    from jsonb_array_elements(${p('drafts')}::jsonb) d where tw.live()
  ),
  refusal as materialized (
    select outcome, current from (
      select d.nr, 1 as rank, 'exists' as outcome, (select tw.task_json(t) from tw.tasks t where t.space_id = tw.space() and t.id = d.id) as current
      from draft d
      -- Looked up one by one, here and below: two conditions with exists() would be hashed, of all that the user has.
      cross join lateral (
        select from tw.tasks t where t.space_id = tw.space() and t.id = d.id
        -- The id of a purged task, as long as its Changes are kept.
        union all (select from tw.changes c where c.space_id = tw.space() and c.entity_id = d.id limit 1)
        limit 1
      ) there
      union all
      select d.nr, 2, 'no_list', ${path('listId')} from draft d
      left join lateral (select l.id from tw.lists l where l.space_id = tw.space() and l.id = d.list offset 0) l on true
      where d.list is not null and l.id is null
      union all
      select d.nr, 3, 'no_after', ${path('after')} from draft d
      left join ${taskOf(sql`d.after`)} x on (x.t).list_id is not distinct from d.list and (x.t).deleted_at is null
      where d.after is not null and x.spot is null
    ) r order by nr, rank limit 1
  ),
  ${countUp(sql`draft`, sql`not exists (select from refusal)`)},
  made as materialized (
    select tw.task_json(t) as json, t.id, t.revision
    from head cross join lateral tw.insert_tasks(${p('drafts')}::jsonb, head.base, head.at) t
  ),
  ${log(
    'log',
    sql`(select m.revision, 'task' as entity, m.id as entity_id, 'create' as action, null::json as before_json, m.json as after_json from made m)`,
    p,
  )},
  result as (
    select outcome, current as reply, null::uuid as unchanged_id from refusal
    union all select 'ok', ${reply}, null from head
  ),
  ${finish(p)}`

const one = effect<'drafts'>(inserting(sql`(select json from made)`, () => sql`null::json`))
const many = effect<'drafts'>(
  inserting(
    sql`json_build_object('tasks', (select json_agg(json order by revision) from made))`,
    (field) => sql`to_json('tasks.' || d.nr - 1 || ${sql.raw(`'.${field}'`)})`,
  ),
)

// Every field is given, so that the database has no defaults of its own.
function complete({ draft, nr, place, places, after }: Placing): Record<string, unknown> {
  const {
    id,
    title,
    description = null,
    listId = null,
    complete = false,
    priority = 'none',
    tags = [],
    due = null,
  } = draft
  const tagKeys = tags.map(textKey)
  const placed = after === undefined ? {} : { after }
  return { id, title, description, listId, complete, priority, tags, tagKeys, due, nr, place, places, ...placed }
}

async function create<T>(ctx: CallContext, insert: typeof one, drafts: readonly TaskDraft[]): Promise<T> {
  const placed = placings(drafts.map((draft) => ({ ...draft, id: draft.id ?? uuidv7() })))
  const statement = insert.with({ drafts: JSON.stringify(placed.map(complete)), ...recordValues(ctx) })
  const spots = placed.filter(({ place }) => place === 1).map(({ after }) => after)
  return await withRoom(ctx, spots, async () => await mutate<T>(ctx, statement))
}

export async function createTask(ctx: CallContext, input: TaskDraft): Promise<Task> {
  return await create<Task>(ctx, one, [input])
}

export async function createTasks(ctx: CallContext, input: { tasks: TaskDraft[] }): Promise<{ tasks: Task[] }> {
  const ids = input.tasks.map((draft) => draft.id)
  const twice = ids.findIndex((id, at) => id !== undefined && ids.indexOf(id) < at)
  if (twice >= 0) throw invalid(`tasks.${twice}.id`, 'is that of another task of this call; use another id, or none')
  return await create<{ tasks: Task[] }>(ctx, many, input.tasks)
}
