import type { List } from '@taskwire/contract/list'
import type { DeletedRow } from '@taskwire/contract/replies'
import type { Task } from '@taskwire/contract/task'
import type { Calls } from '../../call-types.ts'
import type { Edit } from '../edit.ts'

/** Sends an edit. `revision` is that of the row on which it depends; undefined: whatever the row has become. */
export async function callOf(
  { tasks, lists }: Pick<Calls, 'tasks' | 'lists'>,
  edit: Edit,
  revision: number | undefined,
  signal: AbortSignal,
): Promise<Task | List | DeletedRow> {
  const { mutationId } = edit
  const options = { signal }
  const expecting = { mutationId, expectedRevision: revision }
  switch (edit.procedure) {
    case 'tasks.create':
      return await tasks.create.mutate({ ...edit.input, mutationId }, options)
    case 'tasks.update':
      return await tasks.update.mutate({ ...edit.input, ...expecting }, options)
    case 'tasks.move': {
      // To place a task undoes no work of others. To take it to another list may.
      const moves = edit.input.listId === undefined ? { mutationId } : expecting
      return await tasks.move.mutate({ ...edit.input, ...moves }, options)
    }
    // What is in the trash can be restored, so the last one wins.
    case 'tasks.delete':
      return await tasks.delete.mutate({ ...edit.input, mutationId }, options)
    case 'tasks.restore':
      return await tasks.restore.mutate({ ...edit.input, mutationId }, options)
    case 'tasks.purge':
      return await tasks.purge.mutate({ ...edit.input, ...expecting }, options)
    case 'lists.create':
      return await lists.create.mutate({ ...edit.input, mutationId }, options)
    case 'lists.update':
      return await lists.update.mutate({ ...edit.input, ...expecting }, options)
    case 'lists.delete':
      return await lists.delete.mutate({ ...edit.input, ...expecting }, options)
  }
}
