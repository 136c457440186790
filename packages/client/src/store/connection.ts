import { type Database, type Endings, openDatabase, writing } from './database.ts'
import type { Edit } from './edit.ts'
import { type StoreError, storageError } from './store-error.ts'

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
  async function open(): Promise<Database> {
    return await openDatabase(name, { ...endings, onLost: () => void reopen() })
  }
  async function reopen(): Promise<void> {
    if (ended !== undefined) return
    try {
      db = await open()
      const edits = lost.edits()
      await writing(db, 'strict', async (tx, { seq }) => {
        const stored = tx.objectStore('edits')
        for (const edit of edits)
          if ((await stored.getKey(edit.order)) === undefined) await stored.put({ ...edit, seq })
      })
      lost.onReopened()
    } catch (error) {
      lost.onFailed(storageError(error))
    }
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
