import { type Affected, LIMITS, type RevertInput, textKey } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import type { RawJson } from '../raw-json.ts'
import { callFunction, replyOf } from '../mutate.ts'

const revert = mutationFunction('revert_changes', { of_revision: 'bigint', keys: 'jsonb', most_rows: 'integer' })

/** Undoes the whole commit of a Change by a new commit. Refuses if a value that the commit set has changed since. */
export async function revertChanges(ctx: CallContext, { revision }: RevertInput): Promise<RawJson<Affected>> {
  const revertWith = (keys: Record<string, string>) =>
    revert.with({ of_revision: revision, keys: JSON.stringify(keys), most_rows: LIMITS.tasksPerMutation })
  const answer = await callFunction(ctx, revertWith({}))
  if (answer.outcome !== 'keys_wanted') return replyOf(answer)
  // The tags and names to restore that are not ASCII: the database cannot compute their keys, so it asks for them.
  const texts = JSON.parse(answer.reply ?? '[]') as string[]
  return replyOf(await callFunction(ctx, revertWith(Object.fromEntries(texts.map((text) => [text, textKey(text)])))))
}
