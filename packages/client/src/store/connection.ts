import { type Database, type Endings, openDatabase, writing } from './database.ts'
import { backoffMs, pause } from '../waiting.ts'
import type { Edit } from './edit.ts'
import { type StoreError, storageError } from './store-error.ts'

/** Between attempts to open the database again: while the browser deletes it, it does not open. */
const RETRY_MS = { first: 20, most: 5000 }

/** The connection of a store to its database. */
export interface Connection {
  /** @throws StoreError if the store has ended. */
  db(): Database
  /** Closes the connection. From now on, `db` throws `reason`. */
  end(reason: StoreError): void
}

/**
 * Opens the database of a store. If the browser closes the connection, which it does when it deletes the page's data,
 * opens it again, and puts back the edits that this page still has in memory. Then calls `onReopened`.
 */
export async function connect(
  name: string,
  endings: Omit<Endings, 'onLost'>,
  lost: { edits(): readonly Edit[]; onReopened(): void; onFailed(error: StoreError): void },
): Promise<Connection> {
  let ended: StoreError | undefined
  const hasEnded = (): boolean => ended !== undefined
  let isReopening = false
  async function open(): Promise<Database> {
    return await openDatabase(name, { ...endings, onLost: () => void reopen() })
  }
  async function reopen(): Promise<void> {
    if (isReopening) return
    isReopening = true
    for (let failures = 0; !hasEnded(); failures++)
      try {
        db = await open()
        await putBack(db, lost.edits())
        break
      } catch (error) {
        lost.onFailed(storageError(error))
        await pause(undefined, backoffMs(failures, RETRY_MS))
      }
    isReopening = false
    if (hasEnded()) db.close()
    else lost.onReopened()
  }
  let db = await open()
  return {
    db() {
      if (ended !== undefined) throw ended
      return db
    },
    end(reason) {
      ended ??= reason
      db.close()
    },
  }
}

/** Stores the edits that are not there, at their places, or at the end where another edit has the place. */
async function putBack(db: Database, edits: readonly Edit[]): Promise<void> {
  await writing(db, 'strict', async (tx, { seq }) => {
    const store = tx.objectStore('edits')
    const stored = await store.getAll()
    for (const edit of edits) {
      if (stored.some(({ mutationId }) => mutationId === edit.mutationId)) continue
      const { order, ...unplaced } = edit
      const isTaken = stored.some((other) => other.order === order)
      // IndexedDB sets the order where it is missing. The type requires one.
      await store.put({ ...(isTaken ? (unplaced as Edit) : edit), seq })
    }
  })
}
