import type { ChangesPage } from '@taskwire/contract'
import type { CallContext } from '../context.ts'
import { readChanges } from './read-changes.ts'

export async function listChanges(ctx: CallContext, input: { after: number; limit: number }): Promise<ChangesPage> {
  const { changes, head, nextAfter } = await readChanges(ctx, input)
  return { changes, head, nextAfter }
}
