import { type Database, type Meta, type RecentRow, type StoredRow, type Writing, writing } from './database.ts'
import type { RowEntry } from './rows.ts'

const PAGES = 256
/** When more rows than this are newer than their pages, the pages are written again. */
const MAX_RECENT = 2000

/** Returns the page of a row, by the last digits of its id: the first ones of a UUID may be those of a time. */
const pageOf = (id: string): number => Number.parseInt(id.slice(-2), 16)

/** Writes rows of the mirror; null deletes one. */
export async function putRows(tx: Writing, { seq }: Meta, rows: readonly RowEntry[]): Promise<void> {
  const recent = tx.objectStore('recent')
  await Promise.all(rows.map((row) => recent.put({ ...row, page: pageOf(row.id), seq })))
}

/** Replaces all rows of the mirror. */
export async function replaceRows(tx: Writing, meta: Meta, rows: Iterable<StoredRow>): Promise<void> {
  const pages: StoredRow[][] = Array.from({ length: PAGES }, () => [])
  for (const row of rows) pages[pageOf(row.id)]?.push(row)
  await tx.objectStore('recent').clear()
  meta.horizon = meta.seq
  // One at a time, so that the tab stays responsive.
  for (const [number, page] of pages.entries()) await tx.objectStore('pages').put(page, number)
}

/** Writes recent rows to their pages if there are many, and drops the edits that are done. */
export async function compact(db: Database): Promise<void> {
  if ((await db.count('recent')) > MAX_RECENT)
    for (let page = 0; page < PAGES; page++)
      await writing(db, 'relaxed', async (tx, meta) => await writePage(tx, meta, page))
  await writing(db, 'relaxed', dropDoneEdits)
}

async function writePage(tx: Writing, meta: Meta, page: number): Promise<void> {
  const recent = tx.objectStore('recent')
  const newer = await recent.index('page').getAll(page)
  if (newer.length === 0) return
  const rows = new Map((await tx.objectStore('pages').get(page))?.map((row) => [`${row.entity} ${row.id}`, row]))
  for (const row of newer) {
    const stored = storedRow(row)
    if (stored === undefined) rows.delete(`${row.entity} ${row.id}`)
    else rows.set(`${row.entity} ${row.id}`, stored)
  }
  await tx.objectStore('pages').put([...rows.values()], page)
  await Promise.all(newer.map(({ entity, id }) => recent.delete([entity, id])))
  meta.horizon = Math.max(meta.horizon, ...newer.map(({ seq }) => seq))
}

/** Returns the row as a page has it; undefined if it was deleted. */
function storedRow({ entity, id, row }: RecentRow): StoredRow | undefined {
  // The row is of the entity, as it was in the record.
  return row === null ? undefined : ({ entity, id, row } as StoredRow)
}

async function dropDoneEdits(tx: Writing, meta: Meta): Promise<void> {
  for (const { order, state, seq } of await tx.objectStore('edits').getAll()) {
    if (state !== 'done') continue
    await tx.objectStore('edits').delete(order)
    meta.horizon = Math.max(meta.horizon, seq)
  }
}
