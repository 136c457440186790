import type { SyncStatus } from '@taskwire/client/store'
import { troubleWords } from '../calls/failure-words.ts'

type Status = Pick<SyncStatus, 'state' | 'failing' | 'lastSynced'> & { pending: readonly unknown[] }

/** What passes by itself, or once there is a network. */
const PASSING = ['NETWORK', 'TIMEOUT', 'UNAVAILABLE', 'OVERLOADED', 'RATE_LIMITED']

/** Says how far the sync is. It begins with `Synced`, `Saving` or `Offline`. `isStoring`: an edit is not stored yet. */
export function syncWords({ state, pending, failing, lastSynced }: Status, isStoring: boolean): string {
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
