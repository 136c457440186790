import type { OnTask, Task, TaskChanges } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'
import { patchOf } from './patch.ts'

const update = mutationFunction('update_task', { task: 'uuid', changes: 'jsonb', expected: 'bigint' })
const complete = mutationFunction('complete_task', { task: 'uuid', complete: 'boolean', expected: 'bigint' })
const trash = mutationFunction('delete_task', { task: 'uuid', expected: 'bigint' })
const restore = mutationFunction('restore_task', { task: 'uuid', expected: 'bigint' })

export async function updateTask(
  ctx: CallContext,
  { id: task, changes, expectedRevision }: OnTask & { changes: TaskChanges },
): Promise<RawJson<Task>> {
  return await mutate(ctx, update.with({ task, changes: patchOf(changes), expected: expectedRevision ?? null }))
}

export async function completeTask(
  ctx: CallContext,
  { id: task, complete: value, expectedRevision }: OnTask & { complete: boolean },
): Promise<RawJson<Task>> {
  return await mutate(ctx, complete.with({ task, complete: value, expected: expectedRevision ?? null }))
}

/** Moves a task into the trash. Does nothing if the task is in the trash already. */
export async function deleteTask(ctx: CallContext, { id: task, expectedRevision }: OnTask): Promise<RawJson<Task>> {
  return await mutate(ctx, trash.with({ task, expected: expectedRevision ?? null }))
}

/** Restores a task from the trash, to the end of its list. Does nothing if the task is not in the trash. */
export async function restoreTask(ctx: CallContext, { id: task, expectedRevision }: OnTask): Promise<RawJson<Task>> {
  return await mutate(ctx, restore.with({ task, expected: expectedRevision ?? null }))
}
