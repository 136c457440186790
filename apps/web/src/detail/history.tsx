import { type Change, isTaskwireError, LIMITS, type Task } from '@taskwire/client'
import { useCallback, useEffect, useRef } from 'react'
import { useAction } from '../calls/use-action.ts'
import { useQuery } from '../calls/use-query.ts'
import { client } from '../client.ts'
import { useKnown } from '../undecided/use-known.ts'
import { describeChange } from './describe-change.ts'

/** What was done to a task, the latest first. Each change can be undone. */
export function History({ task }: { task: Task }) {
  const known = useRef<ReadChanges>({ changes: [], after: 0 })
  // Whenever the task changes, those since are read.
  const read = useCallback(async () => {
    known.current = await readMore(task.id, known.current)
    return known.current.changes.toReversed()
  }, [task])
  const { value: changes, problem } = useQuery(read)
  const undoing = useAction()
  const section = useRef<HTMLElement>(null)
  const isRead = changes !== undefined
  useEffect(() => {
    // It opens below the rest.
    if (isRead) section.current?.scrollIntoView({ block: 'nearest' })
  }, [isRead])
  return (
    <section ref={section} aria-label="History">
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
  const what = describeChange(change, useKnown())
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

/** The Changes of a task up to the revision `after`, the oldest first. */
interface ReadChanges {
  changes: readonly Change[]
  after: number
}

/** Reads the Changes of a task that are not known yet. */
async function readMore(entityId: string, { changes: known, after: first }: ReadChanges): Promise<ReadChanges> {
  const all = [...known]
  const limit = LIMITS.changesPage.max
  for (let after = first; ;) {
    const { changes, head, nextAfter } = await client.changes.list.query({ after, limit, entityId })
    all.push(...changes)
    after = nextAfter
    if (after >= head) return { changes: all, after }
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
