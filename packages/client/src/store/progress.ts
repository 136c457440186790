import { type Failure, isTaskwireError, messageOf } from '../errors.ts'
import { equal } from './equal.ts'
import { StoreError, type StoreErrorCode } from './store-error.ts'

/**
 * - `loading`: the store was just opened, or the mirror is being read for the first time.
 * - `live`: the mirror shows all that the service has.
 * - `catchingUp`: Changes that were missed are being read, or the mirror is being read anew.
 * - `offline`: the service does not answer, or the browser's storage fails; the store goes on trying.
 * - `signedOut`: the credential is not valid. Nothing is sent until the account has signed in again.
 * - `otherAccount`: another account has signed in. The store shows no rows, and sends nothing, until its own account has
 *   signed in again.
 * - `outdated`: the service needs a newer version of the page, or another tab has loaded one: reload the page.
 * - `closed`: the store was closed or erased.
 */
export type SyncState =
  | 'loading'
  | 'live'
  | 'catchingUp'
  | 'offline'
  | 'signedOut'
  | 'otherAccount'
  | 'outdated'
  | 'closed'

/** Why the store cannot sync. */
export interface Trouble {
  /** ISO time. */
  since: string
  code: Failure['appCode'] | StoreErrorCode
  message: string
}

/** How far the tab that syncs has come. It tells the other tabs. */
export interface Progress {
  state: SyncState
  /** ISO time at which the state began. */
  since: string
  failing: Trouble | null
}

/** States in which the store waits for the user. */
export const PAUSED: readonly SyncState[] = ['signedOut', 'otherAccount', 'outdated', 'closed']

/** Returns the state that follows from an error. */
export function stateAfter(error: unknown): SyncState {
  if (!isTaskwireError(error)) return error instanceof StoreError && error.code === 'OUTDATED' ? 'outdated' : 'offline'
  switch (error.appCode) {
    case 'UNAUTHENTICATED':
    case 'USER_UNKNOWN':
      return 'signedOut'
    case 'TOKEN':
      return error.retryable ? 'offline' : 'signedOut'
    // The calls name the space of the account. To another account it does not exist.
    case 'NOT_FOUND':
      return error.fields.some(({ path }) => path === 'space') ? 'otherAccount' : 'offline'
    case 'CONTRACT_MISMATCH':
      return 'outdated'
    default:
      return 'offline'
  }
}

export function troubleOf(error: unknown): Omit<Trouble, 'since'> {
  const code = isTaskwireError(error) ? error.appCode : error instanceof StoreError ? error.code : 'OTHER'
  // The service's own message is for developers, and this one is shown to users.
  return { code, message: code === 'UNAUTHENTICATED' ? 'Your session has ended; sign in again' : messageOf(error) }
}

/** A part of the sync: the mirror, which follows the service, or the queue. */
export interface Part {
  state: SyncState
  failing: Omit<Trouble, 'since'> | null
}

/** Combines the progress of the two parts, and calls `onProgress` when it changes. */
export function createReporter(
  start: SyncState,
  onProgress: (progress: Progress) => void,
): { mirrorIs(part: Part): void; queueIs(part: Part): void } {
  let mirror: Part = { state: start, failing: null }
  let queue: Part = { state: 'live', failing: null }
  let last: Progress | undefined
  function report(): void {
    const now = new Date().toISOString()
    const state = PAUSED.includes(queue.state) ? queue.state : mirror.state
    const failing = mirror.failing ?? queue.failing
    const since = (old: { since: string } | null | undefined, isSame: boolean): string =>
      old && isSame ? old.since : now
    const next: Progress = {
      state,
      since: since(last, last?.state === state),
      failing: failing && { ...failing, since: since(last?.failing, last?.failing?.code === failing.code) },
    }
    if (equal(next, last)) return
    last = next
    onProgress(next)
  }
  report()
  return {
    mirrorIs(part) {
      mirror = part
      report()
    },
    queueIs(part) {
      queue = part
      report()
    },
  }
}
