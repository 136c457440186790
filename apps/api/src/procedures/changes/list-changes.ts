import type { ChangesPage } from '@taskwire/contract'
import type { CallContext } from '../context.ts'
import { RawJson } from '../raw-json.ts'
import { readChangesText } from './read-changes.ts'

export async function listChanges(
  ctx: CallContext,
  input: { after: number; limit: number },
): Promise<RawJson<ChangesPage>> {
  const { changes, head, nextAfter } = await readChangesText(ctx, input)
  return new RawJson(`{"changes":${changes},"head":${head},"nextAfter":${nextAfter}}`)
}
