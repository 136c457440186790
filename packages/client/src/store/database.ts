import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb'
import type { Edit } from './edit.ts'
import type { MirroredEntity, RowEntry } from './rows.ts'
import { StoreError, storageError } from './store-error.ts'

/** Raise it with every change of the layout, and convert the old layout in `upgrade`. */
const VERSION = 1

/** What a store knows of its own data. Every write raises `seq`, so that other tabs can read what has changed. */
export interface Meta {
  /** Drawn when the database is created: tells it from another of the same name, before the browser deleted it. */
  instance: string
  seq: number
  /** Records that were deleted up to this `seq` leave no trace: a tab that has not read so far reads everything. */
  horizon: number
  /** The space's revision that the mirror shows; null: there is no mirror yet. */
  after: number | null
  /** The contract by which the mirror was read. By another one its rows may lack fields. */
  contract: string
  /** The account's time zone; null: not known yet. */
  timeZone: string | null
  /** ISO time at which the mirror last showed all that the service had. */
  lastSynced: string | null
  /** A tab deletes the database. Nothing more is stored. */
  isErased?: true
}

/** A row that was written since its page was; `row` is null if it was deleted. */
export type RecentRow = RowEntry & { seq: number }

interface Layout extends DBSchema {
  meta: { key: 'meta'; value: Meta }
  /** The mirror. A page has the rows of an entity whose ids begin at an id, up to those of the next page. */
  pages: { key: [entity: MirroredEntity, start: string]; value: string }
  /** Rows that are newer than their pages. */
  recent: { key: [entity: MirroredEntity, id: string]; value: RecentRow; indexes: { seq: number } }
  /** The queue. */
  edits: { key: number; value: Edit & { seq: number }; indexes: { seq: number } }
}

export const STORES = ['meta', 'pages', 'recent', 'edits'] as const
export type Database = IDBPDatabase<Layout>
export type Reading = IDBPTransaction<Layout, typeof STORES>
export type Writing = IDBPTransaction<Layout, typeof STORES, 'readwrite'>

const NEW: Meta = { instance: '', seq: 0, horizon: 0, after: null, contract: '', timeZone: null, lastSynced: null }

export interface Endings {
  /** A newer version of the page opens the store. This connection has closed. */
  onOutdated(): void
  /** Another tab erases the store. This connection has closed. */
  onErased(): void
  /** The browser has closed the connection, for example because it deleted the page's data. */
  onLost(): void
}

/**
 * Opens the database of a store, and creates it if there is none.
 * @throws StoreError OUTDATED, BLOCKED or STORAGE_FAILED
 */
export async function openDatabase(name: string, { onOutdated, onErased, onLost }: Endings): Promise<Database> {
  let refuse = (_error: StoreError): void => {}
  const blocked = new Promise<never>((_, reject) => (refuse = reject))
  // Where storage is blocked, IndexedDB may throw at once.
  const open = async (): Promise<Database> =>
    await openDB<Layout>(name, VERSION, {
      upgrade(db) {
        db.createObjectStore('meta')
        db.createObjectStore('pages')
        const recent = db.createObjectStore('recent', { keyPath: ['entity', 'id'] })
        recent.createIndex('seq', 'seq')
        const edits = db.createObjectStore('edits', { keyPath: 'order', autoIncrement: true })
        edits.createIndex('seq', 'seq')
      },
      blocked: () =>
        refuse(
          new StoreError('BLOCKED', 'Another tab keeps an older version of the store open; close or reload that tab'),
        ),
      blocking(_version, newVersion, event) {
        // The target is the connection.
        ;(event.target as IDBDatabase).close()
        if (newVersion === null) onErased()
        else onOutdated()
      },
      terminated: onLost,
    })
  const opened = open()
  try {
    return await Promise.race([opened, blocked])
  } catch (error) {
    void opened.then((db) => db.close()).catch(() => {})
    throw storageError(error)
  }
}

/** What is done in a transaction that writes. It may change `meta`, whose `seq` is that of this write. */
export type Work = (tx: Writing, meta: Meta) => Promise<void>

/** Reads from the database, in one snapshot. */
export async function reading<T>(db: Database, work: (tx: Reading, meta: Meta) => Promise<T>): Promise<T> {
  try {
    const tx = db.transaction(STORES, 'readonly')
    // It rejects if the browser closes the connection, even after all that was asked for has been read.
    tx.done.catch(() => {})
    return await work(tx, (await tx.objectStore('meta').get('meta')) ?? NEW)
  } catch (error) {
    throw storageError(error)
  }
}

/**
 * Writes to the database, all or nothing. Resolves once the data is stored: with `strict`, on the disk.
 */
export async function writing(db: Database, durability: 'strict' | 'relaxed', work: Work): Promise<void> {
  try {
    const tx = db.transaction(STORES, 'readwrite', { durability })
    // A failed request rejects this too, before it is awaited.
    tx.done.catch(() => {})
    try {
      const meta = { ...((await tx.objectStore('meta').get('meta')) ?? NEW) }
      if (meta.isErased) throw new StoreError('CLOSED', 'Another tab erases the store; open it again')
      meta.instance ||= crypto.randomUUID()
      meta.seq++
      await work(tx, meta)
      await tx.objectStore('meta').put(meta, 'meta')
    } catch (error) {
      tx.abort()
      throw error
    }
    await tx.done
  } catch (error) {
    throw storageError(error)
  }
}
