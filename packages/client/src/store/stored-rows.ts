import { type Database, type Meta, type Reading, type Writing, writing } from './database.ts'
import { addPage, pageOf } from './page.ts'
import { emptyRows, type RowEntry, type Rows, setRow } from './rows.ts'

const PAGES = 256
/** When more rows than this are newer than their pages, the pages are written again. */
const MAX_RECENT = 2000

/** Returns the page of a row, by the last digits of its id: the first ones of a UUID may be those of a time. */
const pageNumberOf = (id: string): number => Number.parseInt(id.slice(-2), 16)

/** Writes rows of the mirror; null deletes one. */
export async function putRows(tx: Writing, { seq }: Meta, rows: readonly RowEntry[]): Promise<void> {
  const recent = tx.objectStore('recent')
  await Promise.all(rows.map((row) => recent.put({ ...row, page: pageNumberOf(row.id), seq })))
}

/** Pages that are read at a time: the browser reads the next ones while these are parsed. */
const PAGES_AT_A_TIME = 16

/** Adds the rows of all pages. */
export async function addPages(rows: Rows, tx: Reading): Promise<void> {
  const starts = Array.from({ length: PAGES / PAGES_AT_A_TIME }, (_, index) => index * PAGES_AT_A_TIME)
  await Promise.all(
    starts.map(async (start) => {
      const pages = await tx.objectStore('pages').getAll(IDBKeyRange.bound(start, start + PAGES_AT_A_TIME, false, true))
      for (const page of pages) addPage(rows, page)
    }),
  )
}

/** Replaces all rows of the mirror. */
export async function replaceRows(tx: Writing, meta: Meta, rows: Rows): Promise<void> {
  const pages = Array.from({ length: PAGES }, emptyRows)
  for (const [id, task] of rows.task) pages[pageNumberOf(id)]?.task.set(id, task)
  for (const [id, list] of rows.list) pages[pageNumberOf(id)]?.list.set(id, list)
  await tx.objectStore('recent').clear()
  meta.horizon = meta.seq
  // One at a time, so that the tab stays responsive.
  for (const [number, page] of pages.entries()) await tx.objectStore('pages').put(pageOf(page), number)
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
  const rows = emptyRows()
  const text = await tx.objectStore('pages').get(page)
  if (text !== undefined) addPage(rows, text)
  for (const row of newer) setRow(rows, row)
  await tx.objectStore('pages').put(pageOf(rows), page)
  await Promise.all(newer.map(({ entity, id }) => recent.delete([entity, id])))
  meta.horizon = Math.max(meta.horizon, ...newer.map(({ seq }) => seq))
}

async function dropDoneEdits(tx: Writing, meta: Meta): Promise<void> {
  for (const { order, state, seq } of await tx.objectStore('edits').getAll()) {
    if (state !== 'done') continue
    await tx.objectStore('edits').delete(order)
    meta.horizon = Math.max(meta.horizon, seq)
  }
}
