import { pause } from '../../waiting.ts'
import { type Database, type Work, writing } from '../database.ts'
import { PAUSED, type Progress } from '../progress.ts'
import { compact } from '../stored-rows.ts'
import type { LiveStatus } from '../live-status.ts'
import { type Message, openTabs } from '../tabs.ts'
import type { SyncContext } from './context.ts'
import { lead, type Leader } from './lead.ts'

/** After so many writes of the tab that syncs, the database is made compact. */
const WRITES = 50
/** Milliseconds after which a tab whose storage failed tries again to sync. */
const RETRY_MS = 5000

export interface SyncOptions extends Pick<SyncContext, 'client' | 'account' | 'view' | 'signal'> {
  /** Names the lock and the channel of the store. */
  name: string
  status: LiveStatus
  db: () => Database
}

export interface Sync {
  /** Shows what this tab has written, and tells the others; with `edits`, they are sent. */
  changed(edits: boolean): Promise<void>
  /** Tries again at once. */
  resume(): void
  /** Reads everything again: the browser deleted the database, which has been opened again. */
  restart(): Promise<void>
  /** Resolves once nothing of the sync runs any more. */
  ended: Promise<void>
}

/** Keeps the store in sync: in one of the tabs in which it is open, which holds the lock. */
export function startSync({ name, client, account, view, status, db, signal }: SyncOptions): Sync {
  let leader: Leader | undefined
  const refresh = (edits: boolean): void => {
    view.refresh().then(
      () => edits && leader?.onEdits(),
      (error: unknown) => signal.aborted || status.fail(error),
    )
  }
  const tabs = openTabs(name, (message: Message) => {
    switch (message.type) {
      case 'changed':
        return refresh(message.edits)
      case 'progress':
        return leader === undefined ? status.report(message.progress) : undefined
      case 'hello':
        if (leader === undefined) return
        tabs.send({ type: 'progress', progress: status.progress })
        // A tab often opens the store after the user has signed in there.
        return PAUSED.includes(status.progress.state) ? leader.resume() : undefined
      case 'resume':
        return leader?.resume()
    }
  })
  const report = (progress: Progress): void => {
    if (signal.aborted) return
    status.report(progress)
    tabs.send({ type: 'progress', progress })
  }
  async function changed(edits: boolean): Promise<void> {
    await view.refresh()
    if (signal.aborted) return
    tabs.send({ type: 'changed', edits })
    if (edits) leader?.onEdits()
  }
  const write = writesInTurn(db, async () => await changed(false))

  async function syncUntilClosed(): Promise<void> {
    await compact(db())
    await view.refresh()
    leader = lead({ client, account, view, write, signal }, report)
    await leader.ended
  }
  const resume = (): void => {
    if (signal.aborted) return
    if (leader === undefined) tabs.send({ type: 'resume' })
    else leader.resume()
  }
  listenToPage(signal, { onReturn: resume, refresh: () => refresh(true), onLoss: () => leader?.restart() })
  tabs.send({ type: 'hello' })
  async function restart(): Promise<void> {
    await changed(true)
    leader?.restart()
  }
  const ended = whenAlone(name, signal, syncUntilClosed, status.fail).finally(tabs.close)
  return { changed, resume, restart, ended }
}

/** Waits until no other tab has the lock, and holds it while `work` runs. After an error, tries again. */
async function whenAlone(
  name: string,
  signal: AbortSignal,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted)
    try {
      await navigator.locks.request(name, { signal }, work)
    } catch (error) {
      if (signal.aborted) return
      onError(error)
      await pause(signal, RETRY_MS).catch(() => {})
    }
}

/** Returns `write` of the sync, which runs one write after the other. */
function writesInTurn(db: () => Database, changed: () => Promise<void>): SyncContext['write'] {
  let last: Promise<void> = Promise.resolve()
  let writes = 0
  async function writeAfter(previous: Promise<void>, work: Work): Promise<void> {
    await previous
    await writing(db(), 'relaxed', work)
    await changed()
    // Afterwards, so that the tabs have read what is made compact.
    if (++writes % WRITES === 0) await compact(db())
  }
  return async (work) => {
    const turn = writeAfter(last, work)
    last = turn.catch(() => {})
    await turn
  }
}

interface PageEvents {
  /** The network is back, or the user. */
  onReturn(): void
  /** A tab that was frozen has missed messages. */
  refresh(): void
  /** The browser has lost the network: a stream would not notice for a while. The service may be on this machine, though. */
  onLoss(): void
}

function listenToPage(signal: AbortSignal, { onReturn, refresh, onLoss }: PageEvents): void {
  // A worker has no such events.
  if (typeof addEventListener !== 'function') return
  const back = (): void => {
    refresh()
    onReturn()
  }
  for (const event of ['online', 'focus', 'pageshow']) addEventListener(event, back, { signal })
  addEventListener('offline', onLoss, { signal })
}
