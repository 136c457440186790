import { LIMITS, type Task, type TaskDraft, textKey } from '@taskwire/contract'
import { type MutationCall, mutationFunction } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { invalid } from '../errors.ts'
import type { MadeJson } from '../made-json.ts'
import { mutate } from '../mutate.ts'
import { placesOf } from './placing.ts'

const create = mutationFunction('create_tasks', { drafts: 'jsonb', places: 'jsonb', many: 'boolean', most: 'integer' })

// Every field is given, so that the database has no defaults of its own.
function complete({
  id,
  title,
  description = null,
  listId = null,
  complete = false,
  priority = 'none',
  tags = [],
  due = null,
}: TaskDraft): Record<string, unknown> {
  return { id, title, description, listId, complete, priority, tags, tagKeys: tags.map(textKey), due }
}

function creation(given: readonly TaskDraft[], many: boolean): MutationCall {
  const drafts = given.map((draft) => ({ ...draft, id: draft.id ?? uuidv7() }))
  return create.with({
    drafts: JSON.stringify(drafts.map(complete)),
    places: JSON.stringify(placesOf(drafts)),
    many,
    most: LIMITS.tasksPerMutation,
  })
}

export async function createTask(ctx: CallContext, input: TaskDraft): Promise<MadeJson<Task>> {
  return await mutate<Task>(ctx, creation([input], false))
}

export async function createTasks(
  ctx: CallContext,
  { tasks }: { tasks: TaskDraft[] },
): Promise<MadeJson<{ tasks: Task[] }>> {
  const ids = tasks.map((draft) => draft.id)
  const twice = ids.findIndex((id, at) => id !== undefined && ids.indexOf(id) < at)
  if (twice >= 0) throw invalid(`tasks.${twice}.id`, 'is that of another task of this call; use another id, or none')
  return await mutate<{ tasks: Task[] }>(ctx, creation(tasks, true))
}
