import { LIMITS, type List, type ListCreate } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'
import { patchOf } from './patch.ts'

const create = mutationFunction('create_list', {
  list: 'uuid',
  fields: 'jsonb',
  after_given: 'boolean',
  after: 'uuid',
  most_rows: 'integer',
})

export async function createList(ctx: CallContext, input: ListCreate): Promise<RawJson<List>> {
  const { id = uuidv7(), after, ...fields } = input
  const values = {
    list: id,
    fields: patchOf(fields),
    after_given: after !== undefined,
    after: after ?? null,
    most_rows: LIMITS.tasksPerMutation,
  }
  return await mutate(ctx, create.with(values))
}
