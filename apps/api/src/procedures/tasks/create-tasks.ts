import { LIMITS, type Task, type TaskDraft } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { invalid } from '../../errors.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'
import { patchOf } from './patch.ts'
import { placementsOf } from './placing.ts'

const create = mutationFunction('create_task', {
  task: 'uuid',
  list: 'uuid',
  fields: 'jsonb',
  after_given: 'boolean',
  after: 'uuid',
  most_rows: 'integer',
})
const createMany = mutationFunction('create_tasks', { drafts: 'jsonb', places: 'jsonb', most_rows: 'integer' })

export async function createTask(
  ctx: CallContext,
  { id, listId, after, ...fields }: TaskDraft,
): Promise<RawJson<Task>> {
  const call = create.with({
    task: id ?? uuidv7(),
    list: listId ?? null,
    fields: patchOf(fields),
    after_given: after !== undefined,
    after: after ?? null,
    most_rows: LIMITS.tasksPerMutation,
  })
  return await mutate(ctx, call)
}

export async function createTasks(
  ctx: CallContext,
  { tasks }: { tasks: TaskDraft[] },
): Promise<RawJson<{ tasks: Task[] }>> {
  const ids = tasks.map((draft) => draft.id)
  const repeated = ids.findIndex((id, index) => id !== undefined && ids.indexOf(id) < index)
  if (repeated >= 0)
    throw invalid(`tasks.${repeated}.id`, 'is the id of another task in this call; use another id, or leave it out')
  const drafts = tasks.map((draft) => ({ ...draft, id: draft.id ?? uuidv7() }))
  const call = createMany.with({
    drafts: `[${drafts.map(patchOf).join()}]`,
    places: JSON.stringify(placementsOf(drafts)),
    most_rows: LIMITS.tasksPerMutation,
  })
  return await mutate(ctx, call)
}
