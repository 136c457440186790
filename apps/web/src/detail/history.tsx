import { type Change, isTaskwireError, LIMITS, type Task } from '@taskwire/client'
import { useCallback } from 'react'
import { useAction } from '../calls/use-action.ts'
import { useQuery } from '../calls/use-query.ts'
import { client } from '../client.ts'
import { describeChange } from './describe-change.ts'

/** What was done to a task, the latest first. Each change can be undone. */
export function History({ task }: { task: Task }) {
  // Read again whenever the task changes.
  const read = useCallback(async () => (await readChanges(task.id)).toReversed(), [task])
  const { value: changes, problem } = useQuery(read)
  const undoing = useAction()
  return (
    <section aria-label="History">
      <p role="alert">{undoing.problem ?? problem}</p>
      <ol className="history">
        {changes?.map((change) => (
          <Entry
            key={change.revision}
            change={change}
            isDisabled={undoing.state === 'running'}
            onUndo={() => void undoing.run(async () => await revert(change))}
          />
        ))}
      </ol>
    </section>
  )
}

function Entry({ change, isDisabled, onUndo }: { change: Change; isDisabled: boolean; onUndo(): void }) {
  const at = new Date(change.at).toLocaleString()
  const what = describeChange(change)
  return (
    <li>
      <time dateTime={change.at}>{at}</time>
      <span>{what}</span>
      <button type="button" className="link" aria-label={`Undo: ${what}, ${at}`} disabled={isDisabled} onClick={onUndo}>
        Undo
      </button>
    </li>
  )
}

/** Reads all Changes of a task. The service returns the oldest first. */
async function readChanges(entityId: string): Promise<Change[]> {
  const all: Change[] = []
  const limit = LIMITS.changesPage.max
  for (let after = 0; ;) {
    const { changes, head, nextAfter } = await client.changes.list.query({ after, limit, entityId })
    all.push(...changes)
    if (nextAfter >= head) return all
    after = nextAfter
  }
}

async function revert({ revision }: Change): Promise<void> {
  try {
    await client.changes.revert.mutate({ revision })
  } catch (error) {
    const words = isTaskwireError(error) ? WORDS[error.appCode] : undefined
    throw words === undefined ? error : new Error(words, { cause: error })
  }
}

/** Why a change is not undone. */
const WORDS: Partial<Record<string, string>> = {
  REVISION_CONFLICT: 'The task was changed again since. Undo the later change first.',
  NOT_REVERTIBLE: 'This change cannot be undone. Change the task by hand.',
}
