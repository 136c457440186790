import { useSync } from '@taskwire/client/react'
import type { SyncStatus } from '@taskwire/client/store'
import { Link } from 'wouter'
import { useUndo } from '../actions/provider.tsx'
import { troubleWords } from '../calls/failure-words.ts'

/** Says whether all is saved. */
export function SyncState() {
  const sync = useSync()
  const { isStoring } = useUndo()
  const undecided = sync.conflicts.length + sync.refused.length
  return (
    <p role="status" className="sync-state">
      {undecided > 0 ? (
        <>
          Conflict:{' '}
          <Link href="/undecided">
            {undecided === 1 ? '1 change needs' : `${undecided} changes need`} your decision
          </Link>
        </>
      ) : (
        textOf(sync, isStoring)
      )}
    </p>
  )
}

/** What passes by itself, or once there is a network. */
const PASSING = ['NETWORK', 'TIMEOUT', 'UNAVAILABLE', 'OVERLOADED', 'RATE_LIMITED']

function textOf({ state, pending, failing, lastSynced }: SyncStatus, isStoring: boolean): string {
  const waiting = pending.length === 0 ? '' : `, ${changes(pending.length)} to send`
  const offline = `Offline${waiting}${failing === null || PASSING.includes(failing.code) ? '' : `: ${troubleWords(failing)}`}`
  switch (state) {
    case 'live':
      if (failing !== null) return offline
      return pending.length === 0 && !isStoring ? 'Synced' : 'Saving'
    case 'loading':
    case 'catchingUp':
      return lastSynced === null ? 'Saving: loading your tasks' : 'Saving'
    case 'offline':
      return offline
    case 'signedOut':
    case 'otherAccount':
      return `Offline until you sign in${waiting}`
    case 'outdated':
      return `Offline${waiting}: a newer version is there. Reload the page.`
    case 'closed':
      return 'Offline'
  }
}

const changes = (count: number): string => (count === 1 ? '1 change' : `${count} changes`)
