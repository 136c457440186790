import { useSync } from '@taskwire/client/react'
import { Link } from 'wouter'
import { useUndo } from '../actions/provider.tsx'
import { syncWords } from './sync-words.ts'

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
        syncWords(sync, isStoring)
      )}
    </p>
  )
}
