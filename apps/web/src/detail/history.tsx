import { type Change, isTaskwireError, type Task } from '@taskwire/client'
import { useEffect, useState } from 'react'
import { client } from '../client.ts'
import { describeChange } from './describe-change.ts'

/** How many Changes are read: the latest of a task are the ones that people want to undo. */
const MOST = 500

/** What was done to a task, the latest first. Each change can be undone. */
export function History({ task }: { task: Task }) {
  const [changes, setChanges] = useState<readonly Change[]>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    const controller = new AbortController()
    client.changes.list
      .query({ after: 0, limit: MOST, entityId: task.id }, { signal: controller.signal })
      .then((page) => setChanges(page.changes.toReversed()))
      .catch((error: unknown) => controller.signal.aborted || setProblem(messageOf(error)))
    return () => controller.abort()
  }, [task])
  async function revert({ revision }: Change): Promise<void> {
    try {
      await client.changes.revert.mutate({ revision })
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <section aria-label="History">
      <p role="alert">{problem}</p>
      <ol className="history">
        {changes?.map((change) => (
          <li key={change.revision}>
            <time dateTime={change.at}>{new Date(change.at).toLocaleString()}</time>
            <span>{describeChange(change)}</span>
            <button type="button" className="link" onClick={() => void revert(change)}>
              Undo
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}

function messageOf(error: unknown): string {
  if (!isTaskwireError(error)) return String(error)
  switch (error.appCode) {
    case 'NETWORK':
      return 'The history is read from the service, which cannot be reached now'
    case 'REVISION_CONFLICT':
      return 'It was changed again since; undo the later change first'
    case 'NOT_REVERTIBLE':
      return 'This change cannot be undone'
    default:
      return error.message
  }
}
