import { CONTRACT_HEADER } from '@taskwire/contract/version'
import { type Database, type Meta, reading } from './database.ts'
import type { Edit } from './edit.ts'
import { addDefaults, withDefaults } from './empty.ts'
import type { RowEntry, Rows } from './rows.ts'
import { readRows } from './stored-rows.ts'

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
      const [rows, edits] = await Promise.all([readRows(tx), tx.objectStore('edits').getAll()])
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
