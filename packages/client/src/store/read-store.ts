import { CONTRACT_HEADER } from '@taskwire/contract/version'
import { type Database, type Meta, reading } from './database.ts'
import type { Edit } from './edit.ts'
import { addDefaults, withDefaults } from './empty.ts'
import { addPages } from './stored-rows.ts'
import { emptyRows, type RowEntry, type Rows, setRow } from './rows.ts'

/** All that a store has. */
export interface Everything {
  meta: Meta
  rows: Rows
  edits: Edit[]
  recent?: undefined
}
/** What has changed since an earlier read. */
export interface News {
  meta: Meta
  recent: RowEntry[]
  edits: Edit[]
  rows?: undefined
}

/** Reads what has been written since `known` was read; everything if that can no longer be told apart. */
export async function readStore(db: Database, known?: Meta): Promise<Everything | News> {
  return await reading(db, async (tx, meta) => {
    const isOlder = meta.contract !== CONTRACT_HEADER
    if (known?.instance !== meta.instance || known.seq < meta.horizon) {
      const rows = emptyRows()
      const [recent, edits] = await Promise.all([
        tx.objectStore('recent').getAll(),
        tx.objectStore('edits').getAll(),
        addPages(rows, tx),
      ])
      for (const row of recent) setRow(rows, row)
      if (isOlder) addDefaults(rows)
      return { meta, rows, edits }
    }
    const newer = IDBKeyRange.lowerBound(known.seq, true)
    const [recent, edits] = await Promise.all([
      tx.objectStore('recent').index('seq').getAll(newer),
      tx.objectStore('edits').index('seq').getAll(newer),
    ])
    return { meta, recent: isOlder ? recent.map(withDefaults) : recent, edits }
  })
}
