import { useSync } from '@taskwire/client/react'
import type { SyncStatus } from '@taskwire/client/store'
import { Link } from 'wouter'
import { useUndo } from '../actions/provider.tsx'

/** Says whether all is saved. */
export function SyncState() {
  const sync = useSync()
  const { isStoring } = useUndo()
  const undecided = sync.conflicts.length + sync.refused.length
  return (
    <p role="status" className="sync-state">
      {undecided > 0 ? (
        <>
          Conflict: <Link href="/undecided">{changes(undecided)} to decide</Link>
        </>
      ) : (
        textOf(sync, isStoring)
      )}
    </p>
  )
}

function textOf({ state, pending, failing }: SyncStatus, isStoring: boolean): string {
  const waiting = pending.length === 0 ? '' : `, ${changes(pending.length)} to send`
  switch (state) {
    case 'live':
      if (failing !== null) return `Offline: ${failing.message}${waiting}`
      return pending.length === 0 && !isStoring ? 'Synced' : 'Saving'
    case 'loading':
    case 'catchingUp':
      return 'Saving'
    case 'offline':
      return `Offline${waiting}`
    case 'signedOut':
    case 'otherAccount':
      return `Offline until you sign in${waiting}`
    case 'outdated':
      return `Offline: a newer version is there; reload the page${waiting}`
    case 'closed':
      return 'Offline'
  }
}

const changes = (count: number): string => (count === 1 ? '1 change' : `${count} changes`)
