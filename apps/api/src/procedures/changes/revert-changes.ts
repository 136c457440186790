import { type Affected, LIMITS, type RevertInput, textKey } from '@taskwire/contract'
import { mutationFunction } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import type { RawJson } from '../raw-json.ts'
import { callFunction, replyOf } from '../mutate.ts'

const revert = mutationFunction('revert_changes', { of_revision: 'bigint', keys: 'jsonb', most_rows: 'integer' })

/** Undoes the whole commit of a Change as a new commit, if all that it set still holds. */
export async function revertChanges(ctx: CallContext, { revision }: RevertInput): Promise<RawJson<Affected>> {
  const undo = (keys: Record<string, string>) =>
    revert.with({ of_revision: revision, keys: JSON.stringify(keys), most_rows: LIMITS.tasksPerMutation })
  const answer = await callFunction(ctx, undo({}))
  if (answer.outcome !== 'keys_wanted') return replyOf(answer)
  // Tags and names that go back, and are more than ASCII: their keys are made here alone.
  const texts = JSON.parse(answer.reply ?? '[]') as string[]
  return replyOf(await callFunction(ctx, undo(Object.fromEntries(texts.map((text) => [text, textKey(text)])))))
}
