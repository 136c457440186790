import { LIMITS, type Task, type TaskMove } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { invalid } from '../../errors.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'

const move = mutationFunction('move_task', {
  task: 'uuid',
  list_given: 'boolean',
  list: 'uuid',
  after_given: 'boolean',
  after: 'uuid',
  expected: 'bigint',
  most_rows: 'integer',
})

export async function moveTask(
  ctx: CallContext,
  { id: task, listId, after, expectedRevision }: TaskMove,
): Promise<RawJson<Task>> {
  if (after === task) throw invalid('after', 'is the task itself; name another task, or null for the first position')
  const call = move.with({
    task,
    list_given: listId !== undefined,
    list: listId ?? null,
    after_given: after !== undefined,
    after: after ?? null,
    expected: expectedRevision ?? null,
    most_rows: LIMITS.tasksPerMutation,
  })
  return await mutate(ctx, call)
}
