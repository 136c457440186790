import { type BulkAction, type BulkResult, LIMITS, type TaskBulk } from '@taskwire/contract'
import { arrayText, conditionsOf, mutationFunction, type Parameter } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'
import { patchOf } from './patch.ts'
import { clockOf } from './due-filter.ts'
import { filterText, filterValues } from './filter.ts'

const bulk = mutationFunction('bulk_tasks', {
  ids: 'uuid[]',
  clauses: 'text',
  parameters: 'text[]',
  action: 'text',
  changes: 'jsonb',
  list: 'uuid',
  dry: 'boolean',
  most_rows: 'integer',
  most_shown: 'integer',
})

/**
 * Applies one action to many tasks: to the tasks with these ids, or to all that match a filter once the space is
 * locked.
 */
export async function bulkTasks(ctx: CallContext, input: TaskBulk): Promise<RawJson<BulkResult>> {
  const { ids, filter, action, dryRun = false, maxAffected = LIMITS.tasksPerMutation, timeZone } = input
  const conditions =
    ids === undefined ? conditionsOf(filterText(filter), filterValues(filter, clockOf(timeZone))) : null
  return await mutate(
    ctx,
    bulk.with({
      ids: ids === undefined ? null : arrayText(ids),
      clauses: conditions?.text ?? null,
      parameters: conditions === null ? null : arrayText(conditions.parameters),
      ...argumentsOf(action),
      dry: dryRun,
      most_rows: maxAffected,
      most_shown: LIMITS.bulkTasksShown,
    }),
  )
}

function argumentsOf(action: BulkAction): Record<'action' | 'changes' | 'list', Parameter> {
  switch (action.type) {
    case 'update':
      return { action: 'update', changes: patchOf(action.changes), list: null }
    case 'complete':
      return { action: 'update', changes: patchOf({ complete: action.complete }), list: null }
    case 'move':
      return { action: 'move', changes: null, list: action.listId }
    case 'delete':
    case 'restore':
    case 'purge':
      return { action: action.type, changes: null, list: null }
  }
}
