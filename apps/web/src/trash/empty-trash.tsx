import { isTaskwireError } from '@taskwire/client'
import { useCounts, useSync } from '@taskwire/client/react'
import type { SyncStatus } from '@taskwire/client/store'
import { useState } from 'react'
import { useAsk } from '../actions/ask.tsx'
import { client } from '../client.ts'

/** Erases all tasks in the trash at once, which only the service can do. */
export function EmptyTrash() {
  const { total } = useCounts({ trash: 'only' })
  const sync = useSync()
  const { state, pending } = sync
  const ask = useAsk()
  const [problem, setProblem] = useState<string>()
  const [isPending, setPending] = useState(false)
  // The service does not know yet what was moved here or restored.
  const isBehind = state !== 'live' || pending.length > 0
  async function empty(): Promise<void> {
    const tasks = total === 1 ? 'The task in it is' : `The ${total} tasks in it are`
    const text = `${tasks} erased for good. This cannot be undone.`
    if (!(await ask({ title: 'Empty the trash?', text, yes: 'Empty the trash' }))) return
    setPending(true)
    setProblem(undefined)
    try {
      // No more than the user was told.
      const trash = { filter: { trash: 'only' }, maxAffected: total } as const
      await client.tasks.bulk.mutate({ ...trash, action: { type: 'purge' } })
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setPending(false)
    }
  }
  if (total === 0) return null
  return (
    <>
      <button
        type="button"
        disabled={isBehind || isPending}
        aria-describedby="trash-problem"
        onClick={() => void empty()}
      >
        Empty the trash
      </button>
      <p id="trash-problem" className="note" role="alert">
        {problem ?? waitWords(sync)}
      </p>
    </>
  )
}

/** Says why the trash cannot be emptied yet. */
function waitWords({ state, failing, pending }: SyncStatus): string {
  if (state === 'offline') return 'You can empty the trash when you are online.'
  // What is being sent now takes no longer than to read this.
  const waits = pending.length > 0 && (state !== 'live' || failing !== null)
  return waits ? 'You can empty it once all changes are sent.' : ''
}

function problemOf(error: unknown): string {
  if (!isTaskwireError(error)) return String(error)
  switch (error.appCode) {
    case 'NETWORK':
      return 'The trash was not emptied: the service cannot be reached. Try again when you are online.'
    case 'LIMIT_EXCEEDED':
      return 'The trash was not emptied: more tasks have come into it. Look at them, and try again.'
    default:
      return `The trash was not emptied: ${error.message}`
  }
}
