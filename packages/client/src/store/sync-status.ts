import type { Edit } from './edit.ts'
import type { SyncState, Trouble } from './progress.ts'

/** An edit that the service has not got. */
export type PendingEdit = Edit & { state: 'pending' }
/** An edit that the service refused. */
export type RefusedEdit = Edit & { state: 'refused' }
/** An edit of a field that someone else has changed, too. */
export type ConflictingEdit = Edit & { state: 'conflict' }

/** How far the store has come, and what waits for the user. */
export interface SyncStatus {
  state: SyncState
  /** When the state began. */
  since: Date
  /** Why the store does not get further, or why the last edit of this tab was not stored, and since when; else null. */
  failing: (Omit<Trouble, 'since'> & { since: Date }) | null
  /** When the last Changes were written; null if there is no mirror yet. While `live`, nothing is missing since. */
  lastSynced: Date | null
  /** The edits that the service has not got, in the order in which they are sent. */
  pending: readonly PendingEdit[]
  /** The edits that the service refused: `mend`, `retry` or `dismiss` them. */
  refused: readonly RefusedEdit[]
  /** The edits of a field that someone else has changed too: `resolve` them. */
  conflicts: readonly ConflictingEdit[]
  /** How many pending edits the browser deleted with the rest of the store, before this page opened it. */
  evicted: number
}
