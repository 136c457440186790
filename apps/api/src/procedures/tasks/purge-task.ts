import type { DeletedRow, OnTask } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'

const purge = mutationFunction('purge_task', { task: 'uuid', expected: 'bigint' })

export async function purgeTask(ctx: CallContext, { id, expectedRevision }: OnTask): Promise<RawJson<DeletedRow>> {
  return await mutate(ctx, purge.with({ task: id, expected: expectedRevision ?? null }))
}
