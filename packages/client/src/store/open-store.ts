import { deleteDB } from 'idb'
import type { Client } from '../client.ts'
import { connect, type Connection } from './connection.ts'
import { type Work, writing } from './database.ts'
import { derive } from './derive.ts'
import { eraseSent } from './erase.ts'
import { forget, rememberedAccount, rememberWhileSignedIn, setUnsent, unsentOf } from './page-storage.ts'
import { createQueue } from './queue.ts'
import { storedLists, storedTasks } from './rows-api.ts'
import type { Store } from './store-api.ts'
import { StoreError } from './store-error.ts'
import { createStatus, type LiveStatus } from './live-status.ts'
import { startSync, type Sync } from './sync/start-sync.ts'
import { openView, type View } from './view.ts'

export interface StoreOptions {
  client: Client
  /**
   * The id of the account: the `user.id` of `signIn`. Default: the account whose store was opened last in this browser,
   * or else that of the session, for which the service must be reachable.
   */
  account?: string | undefined
}

/**
 * Opens the store of an account, for the space of the client. Works offline if it was opened before.
 * @throws StoreError UNSUPPORTED, OUTDATED, BLOCKED, STORAGE_FULL or STORAGE_FAILED. TaskwireError, such as
 * UNAUTHENTICATED, if the account had to be asked for.
 */
export async function openStore({ client, ...options }: StoreOptions): Promise<Store> {
  checkSupport()
  const account = options.account ?? rememberedAccount() ?? (await client.me.get.query()).id
  const space = client.space ?? account
  const name = `taskwire ${account} ${space}`
  const controller = new AbortController()

  let parts: { view: View; status: LiveStatus; sync: Sync } | undefined
  const end = (code: 'OUTDATED' | 'CLOSED', message: string): void => {
    const state = code === 'OUTDATED' ? 'outdated' : 'closed'
    parts?.status.report({ state, since: new Date().toISOString(), failing: null })
    controller.abort()
    connection.end(new StoreError(code, message))
  }
  const connection = await connect(
    name,
    {
      onOutdated: () => end('OUTDATED', 'Another tab has loaded a newer version of this page; reload this one'),
      onErased: () => end('CLOSED', 'Another tab has erased the store; open it again'),
    },
    {
      edits: () => parts?.view.edits ?? [],
      onReopened: () => void parts?.sync.restart().catch(parts.status.fail),
      onFailed: (error) => parts?.status.fail(error),
    },
  )
  const view = await openView(connection.db, { account, space })
  if (view.meta.isErased) {
    // The tab that erased it was closed before it had deleted the database.
    end('CLOSED', 'The store was erased; open it again')
    await deleteDB(name)
    return await openStore({ client, account })
  }
  // Throws if it was erased, or opened by a newer version of the page, while it was read.
  connection.db()
  const status = createStatus(view, view.meta.instance === '' ? unsentOf(name) : 0)
  // The header names the space even if it is the personal one: to any other account it does not exist.
  const { signal } = controller
  const sync = startSync({ name, client: client.in(space), account, view, status, db: connection.db, signal })
  parts = { view, status, sync }
  rememberWhileSignedIn(status, account)
  view.subscribe(() => setUnsent(name, view.edits.filter(({ state }) => state !== 'applied').length))

  const close = async (): Promise<void> => {
    end('CLOSED', 'The store was closed; open it again')
    await sync.ended
  }
  return createStore({ account, space, name, view, status, sync, db: connection.db, close })
}

interface Parts extends Pick<Store, 'account' | 'space' | 'close'> {
  name: string
  view: View
  status: LiveStatus
  sync: Sync
  db: Connection['db']
}

function createStore({ account, space, name, view, status, sync, db, close }: Parts): Store {
  let last = Promise.resolve()
  async function writeAndShow(work: Work): Promise<void> {
    const connection = db()
    try {
      await writing(connection, 'strict', work)
    } catch (error) {
      if (!isStale(error)) status.fail(error)
      throw error
    }
    status.stored()
    // It is on the disk, even if it cannot be shown.
    await sync.changed(true).catch(status.fail)
  }
  async function write(work: Work): Promise<void> {
    const written = writeAndShow(work)
    last = settled(last, written)
    await written
  }
  /** Edits that were made before are stored first. */
  async function closeAfterEdits(): Promise<void> {
    await last
    await close()
  }
  const { add, ...decisions } = createQueue(view, write)
  return {
    account,
    space,
    tasks: storedTasks(view, add),
    lists: storedLists(view, add),
    sync: status,
    timeZone: derive(view, () => view.clock().timeZone),
    ...decisions,
    resume: sync.resume,
    close: closeAfterEdits,
    async erase(options) {
      // With `discard` it is erased even if the disk is full.
      if (options?.unsent !== 'discard') await writing(db(), 'strict', eraseSent)
      await closeAfterEdits()
      await deleteDB(name)
      forget(name, account)
    },
  }
}

/** Resolves without the results, each of which would keep those before it in memory. */
async function settled(...all: Promise<void>[]): Promise<void> {
  await Promise.allSettled(all)
}

/** True if another tab had decided about an edit already. */
const isStale = (error: unknown): boolean => error instanceof StoreError && error.code === 'NOT_FOUND'

function checkSupport(): void {
  const missing = [
    typeof indexedDB === 'undefined' && 'IndexedDB',
    (typeof navigator === 'undefined' || !('locks' in navigator)) && 'Web Locks',
    typeof BroadcastChannel === 'undefined' && 'BroadcastChannel',
  ].filter((name) => name !== false)
  if (missing.length > 0)
    throw new StoreError(
      'UNSUPPORTED',
      `A store needs ${missing.join(' and ')}, which this page lacks; browsers offer them to pages from https:// and http://localhost`,
    )
}
