import { createListeners } from './listeners.ts'
import type { Live } from './live.ts'
import { type Progress, type Trouble, troubleOf } from './progress.ts'
import type { SyncStatus } from './sync-status.ts'
import type { View } from './view.ts'

/** The status, which changes with the view and with `report`. */
export interface LiveStatus extends Live<SyncStatus> {
  report(progress: Progress): void
  /** Reports an error of this tab's storage. It stands until `stored`, or until the progress changes. */
  fail(error: unknown): void
  /** Reports that this tab has stored an edit. */
  stored(): void
  readonly progress: Progress
}

export function createStatus(view: View, evicted: number): LiveStatus {
  let progress: Progress = { state: 'loading', since: new Date().toISOString(), failing: null }
  let ownTrouble: Trouble | null = null
  let status = read()
  const listeners = createListeners()

  function read(): SyncStatus {
    const { state, since } = progress
    const failing = ownTrouble ?? progress.failing
    const { lastSynced } = view.meta
    const edits = view.isHidden ? [] : view.edits
    return {
      state,
      since: new Date(since),
      failing: failing && { ...failing, since: new Date(failing.since) },
      lastSynced: lastSynced === null ? null : new Date(lastSynced),
      pending: edits.filter((edit) => edit.state === 'pending'),
      refused: edits.filter((edit) => edit.state === 'refused'),
      conflicts: edits.filter((edit) => edit.state === 'conflict'),
      evicted,
    }
  }
  function update(): void {
    status = read()
    listeners.call()
  }
  view.subscribe(update)
  return {
    get: () => status,
    subscribe: listeners.add,
    report(next) {
      progress = next
      ownTrouble = null
      view.hide(next.state === 'otherAccount')
      update()
    },
    fail(error) {
      ownTrouble = { ...troubleOf(error), since: new Date().toISOString() }
      update()
    },
    stored() {
      if (ownTrouble === null) return
      ownTrouble = null
      update()
    },
    get progress() {
      return progress
    },
  }
}
