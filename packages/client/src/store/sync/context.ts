import type { Client } from '../../client.ts'
import type { Meta, Writing } from '../database.ts'
import type { View } from '../view.ts'

/** What the tab that syncs works with. */
export interface SyncContext {
  /** Its calls act in the space of the store. */
  client: Client
  view: View
  /**
   * Writes to the database. Once it resolves, the view shows what was written, and other tabs have been told. Never
   * runs two at a time, so that `work` can rely on what the view has.
   */
  write(work: (tx: Writing, meta: Meta) => Promise<void>): Promise<void>
  /** Aborts when the store closes. */
  signal: AbortSignal
}
