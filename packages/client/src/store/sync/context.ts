import type { Client } from '../../client.ts'
import type { Work } from '../database.ts'
import type { View } from '../view.ts'

/** What the tab that syncs works with. */
export interface SyncContext {
  /** Its calls act in the space of the store. */
  client: Client
  /** The account whose store it is. */
  account: string
  view: View
  /**
   * Writes to the database. Once it resolves, the view shows what was written, and other tabs have been told. Never
   * runs two at a time, so that `work` can rely on what the view has.
   */
  write(work: Work): Promise<void>
  /** Aborts when the store closes. */
  signal: AbortSignal
}
