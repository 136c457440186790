import { type Task, type TaskDraft, textKey } from '@taskwire/contract'
import { sql, type SQL } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { countUp, effect, finish, log, mutate, type Param, recordValues } from '../effect.ts'
import { withRoom } from './spread.ts'

const inserting = (reply: SQL) => (p: Param<'drafts'>) =>
  sql`with
  draft as materialized (
    select (d.value->>'id')::uuid as id from jsonb_array_elements(${p('drafts')}::jsonb) d where tw.live()
  ),
  refusal as materialized (
    select 'exists' as outcome, (select tw.task_json(t) from tw.tasks t where t.user_id = tw.me() and t.id = d.id) as current
    from draft d
    where exists (select from tw.tasks t where t.user_id = tw.me() and t.id = d.id)
      -- The id of a purged task, as long as its Changes are kept.
      or exists (select from tw.changes c where c.user_id = tw.me() and c.entity_id = d.id)
    limit 1
  ),
  ${countUp(sql`draft`, sql`not exists (select from refusal)`)},
  made as materialized (
    select tw.task_json(t) as json, t.id, t.revision
    from head cross join lateral tw.insert_tasks(${p('drafts')}::jsonb, head.base + 1, head.at) t
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

const one = effect<'drafts'>(inserting(sql`(select json from made)`))
const many = effect<'drafts'>(
  inserting(sql`json_build_object('tasks', (select json_agg(json order by revision) from made))`),
)

// Every field is given, so that the database has no defaults of its own.
function complete(draft: TaskDraft): Record<string, unknown> {
  const {
    id = uuidv7(),
    description = null,
    listId = null,
    complete = false,
    priority = 'none',
    tags = [],
    due = null,
  } = draft
  const tagKeys = tags.map(textKey)
  const placed = draft.after === undefined ? {} : { after: draft.after }
  return { id, title: draft.title, description, listId, complete, priority, tags, tagKeys, due, ...placed }
}

export async function createTask(ctx: CallContext, input: TaskDraft): Promise<Task> {
  const statement = one.with({ drafts: JSON.stringify([complete(input)]), ...recordValues(ctx) })
  return await withRoom(ctx, [input], false, async () => await mutate<Task>(ctx, statement))
}

export async function createTasks(ctx: CallContext, input: { tasks: TaskDraft[] }): Promise<{ tasks: Task[] }> {
  const statement = many.with({ drafts: JSON.stringify(input.tasks.map(complete)), ...recordValues(ctx) })
  return await withRoom(ctx, input.tasks, false, async () => await mutate<{ tasks: Task[] }>(ctx, statement))
}
