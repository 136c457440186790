import { LIMITS, type List, type ListUpdate } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { invalid } from '../../errors.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'
import { patchOf } from './patch.ts'

const update = mutationFunction('update_list', {
  list: 'uuid',
  fields: 'jsonb',
  after_given: 'boolean',
  after: 'uuid',
  expected: 'bigint',
  most_rows: 'integer',
})

export async function updateList(ctx: CallContext, input: ListUpdate): Promise<RawJson<List>> {
  const { id, changes, expectedRevision = null } = input
  const { after, ...fields } = changes
  if (after === id)
    throw invalid('changes.after', 'is the list itself; name another list, or null for the first position')
  const values = {
    list: id,
    fields: patchOf(fields),
    after_given: after !== undefined,
    after: after ?? null,
    expected: expectedRevision,
    most_rows: LIMITS.tasksPerMutation,
  }
  return await mutate(ctx, update.with(values))
}
