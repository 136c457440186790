import type { ChangesPage } from '@taskwire/contract'
import type { CallContext } from '../context.ts'
import { MadeJson } from '../raw-json.ts'
import { readChangesText } from './read-changes.ts'

export async function listChanges(
  ctx: CallContext,
  input: { after: number; limit: number },
): Promise<MadeJson<ChangesPage>> {
  const { changes, head, nextAfter } = await readChangesText(ctx, input)
  return new MadeJson(`{"changes":${changes},"head":${head},"nextAfter":${nextAfter}}`)
}
