import { type Database, type Meta, type Reading, reading, type Writing, writing } from './database.ts'
import { addPage, pagesOf } from './page.ts'
import { emptyRows, ENTITIES, type MirroredEntity, type RowEntry, type Rows, setRow } from './rows.ts'

/** When more rows than this are newer than their pages, the pages are written again. */
const MAX_RECENT = 2000
/** Edits that are done are kept for so many writes: a tab that has not read them by then reads everything anew. */
const KEPT_WRITES = 100
/** Pages that are read at a time: the browser reads the next ones while these are parsed. */
const PAGES_AT_A_TIME = 16

type Key = [MirroredEntity, string]

/** Returns the keys from `start` up to `end`, or to the last of the entity. */
function keys([entity, start]: Key, end?: Key): IDBKeyRange {
  // An array is after each text.
  return IDBKeyRange.bound([entity, start], end ?? [entity, []], false, true)
}

/** Writes rows of the mirror; null deletes one. */
export async function putRows(tx: Writing, { seq }: Meta, rows: readonly RowEntry[]): Promise<void> {
  const recent = tx.objectStore('recent')
  await Promise.all(rows.map((row) => recent.put({ ...row, seq })))
}

/** Reads all rows of the mirror. */
export async function readRows(tx: Reading): Promise<Rows> {
  const rows = emptyRows()
  const pages = tx.objectStore('pages')
  async function readPages(entity: MirroredEntity): Promise<void> {
    const starts = await pages.getAllKeys(keys([entity, '']))
    const groups = starts.filter((_, index) => index % PAGES_AT_A_TIME === 0)
    await Promise.all(
      groups.map(async (start, index) => {
        for (const text of await pages.getAll(keys(start, groups[index + 1]))) addPage(rows, entity, text)
      }),
    )
  }
  const [recent] = await Promise.all([tx.objectStore('recent').getAll(), ...ENTITIES.map(readPages)])
  for (const row of recent) setRow(rows, row)
  return rows
}

/** Replaces all rows of the mirror. */
export async function replaceRows(tx: Writing, meta: Meta, rows: Rows): Promise<void> {
  await tx.objectStore('recent').clear()
  await tx.objectStore('pages').clear()
  meta.horizon = meta.seq
  for (const entity of ENTITIES) await putPages(tx, [entity, ''], rows)
}

async function putPages(tx: Writing, [entity, first]: Key, rows: Rows): Promise<void> {
  // One at a time, so that the tab stays responsive.
  for (const { start, text } of pagesOf(rows[entity], first)) await tx.objectStore('pages').put(text, [entity, start])
}

/** Writes recent rows to their pages if there are many, and drops edits that are done. */
export async function compact(db: Database): Promise<void> {
  const recent = async (): Promise<number> => await reading(db, async (tx) => await tx.objectStore('recent').count())
  if ((await recent()) > MAX_RECENT) while ((await recent()) > 0) await writing(db, 'relaxed', rewriteFirstPage)
  await writing(db, 'relaxed', dropDoneEdits)
}

/** Writes the first page with rows that are newer than it. */
async function rewriteFirstPage(tx: Writing, meta: Meta): Promise<void> {
  const [recent, pages] = [tx.objectStore('recent'), tx.objectStore('pages')]
  const [first] = await recent.getAll(null, 1)
  if (first === undefined) return
  const { entity, id } = first
  const page = await pages.openCursor(IDBKeyRange.bound([entity, ''], [entity, id]), 'prev')
  const start: Key = page?.key ?? [entity, '']
  const range = keys(start, await pages.getKey(IDBKeyRange.bound([entity, id], [entity, []], true)))
  const newer = await recent.getAll(range)
  const rows = emptyRows()
  if (page !== null) addPage(rows, entity, page.value)
  for (const row of newer) {
    setRow(rows, row)
    meta.horizon = Math.max(meta.horizon, row.seq)
  }
  await putPages(tx, start, rows)
  await recent.delete(range)
}

async function dropDoneEdits(tx: Writing, meta: Meta): Promise<void> {
  for (const { order, state, seq } of await tx.objectStore('edits').getAll()) {
    if (state !== 'done' || seq > meta.seq - KEPT_WRITES) continue
    await tx.objectStore('edits').delete(order)
    meta.horizon = Math.max(meta.horizon, seq)
  }
}
