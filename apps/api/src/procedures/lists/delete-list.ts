import { type DeletedRow, LIMITS, type ListDelete } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'

const remove = mutationFunction('delete_list', {
  list: 'uuid',
  trash: 'boolean',
  expected: 'bigint',
  most_rows: 'integer',
})

export async function deleteList(ctx: CallContext, input: ListDelete): Promise<RawJson<DeletedRow>> {
  const { id, tasks, expectedRevision: expected = null } = input
  return await mutate(
    ctx,
    remove.with({ list: id, trash: tasks === 'trash', expected, most_rows: LIMITS.tasksPerMutation }),
  )
}
