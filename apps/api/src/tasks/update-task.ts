import type { OnTask, Task, TaskChanges } from '@taskwire/contract'
import { mutationFunction, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { effect, mutate, recordValues } from '../effect.ts'
import type { MadeJson } from '../made-json.ts'
import { mutate as call } from '../mutate.ts'
import { changeTasks, patchOf } from './change-tasks.ts'

const one = sql`1::bigint as ord`

const update = mutationFunction('update_task', { task: 'uuid', changes: 'jsonb', expected: 'bigint' })

export async function updateTask(
  ctx: CallContext,
  { id, changes, expectedRevision }: OnTask & { changes: TaskChanges },
): Promise<MadeJson<Task>> {
  return await call<Task>(ctx, update.with({ task: id, changes: patchOf(changes), expected: expectedRevision ?? null }))
}

const complete = effect<'id' | 'complete' | 'expected'>((p) =>
  changeTasks(p, {
    patches: sql`select ${p('id')}::uuid as id, ${one}, jsonb_build_object('complete', ${p('complete')}::boolean) as patch`,
    refuseTrash: true,
    expected: p('expected'),
    reply: 'task',
  }),
)

export async function completeTask(ctx: CallContext, input: OnTask & { complete: boolean }): Promise<Task> {
  const { id, complete: value, expectedRevision: expected = null } = input
  return await mutate<Task>(ctx, complete.with({ id, complete: value, expected, ...recordValues(ctx) }))
}

const trash = effect<'id' | 'expected'>((p) =>
  changeTasks(p, {
    patches: sql`select ${p('id')}::uuid as id, ${one}, '{"deletedAt": "now"}'::jsonb as patch`,
    expected: p('expected'),
    reply: 'task',
  }),
)

/** Into the trash; a task that is there stays there. */
export async function deleteTask(ctx: CallContext, input: OnTask): Promise<Task> {
  const { id, expectedRevision: expected = null } = input
  return await mutate<Task>(ctx, trash.with({ id, expected, ...recordValues(ctx) }))
}

const restore = effect<'id' | 'expected'>((p) =>
  changeTasks(p, {
    patches: sql`select t.id, ${one}, case when t.deleted_at is null then '{}'::jsonb
        else jsonb_build_object('deletedAt', null, 'position', tw.position_behind(t.list_id, 1)) end as patch
      from (select ${p('id')}::uuid as asked) a left join tw.tasks t on t.space_id = tw.space() and t.id = a.asked`,
    expected: p('expected'),
    reply: 'task',
  }),
)

/** Out of the trash, last in its list; a live task stays where it is. */
export async function restoreTask(ctx: CallContext, input: OnTask): Promise<Task> {
  const { id, expectedRevision: expected = null } = input
  return await mutate<Task>(ctx, restore.with({ id, expected, ...recordValues(ctx) }))
}
