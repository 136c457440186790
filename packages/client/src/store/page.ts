import type { MirroredEntity, RowOf, Rows } from './rows.ts'

// Rows of the mirror are stored in pages, each a text of JSON: few large texts cost a browser less than many small
// records, or large records of many objects. Pages are in the order of ids, as an index of a database is: ids are
// mostly in the order in which tasks were created, and a list that is nearly in order is quickly sorted.

/** A page is split when it has more than twice as many rows. */
const ROWS = 400

/** The rows of one entity whose ids begin at `start`, up to those of the next page. */
export interface Page {
  start: string
  text: string
}

/** Returns the pages of some rows. The first begins at `start`, even if there are no rows. */
export function pagesOf(rows: ReadonlyMap<string, RowOf[MirroredEntity]>, start: string): Page[] {
  const sorted = [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const pages = [{ start, text: '[]' }]
  const size = sorted.length > 2 * ROWS ? ROWS : sorted.length
  for (let at = 0; at < sorted.length; at += size) {
    const page = sorted.slice(at, at + size)
    pages[at / size] = { start: at === 0 ? start : (page[0]?.id ?? start), text: JSON.stringify(page) }
  }
  return pages
}

/** Adds the rows of a page. */
export function addPage(rows: Rows, entity: MirroredEntity, text: string): void {
  const map: Map<string, RowOf[MirroredEntity]> = rows[entity]
  // The text was written by pagesOf().
  for (const row of JSON.parse(text) as RowOf[MirroredEntity][]) map.set(row.id, row)
}
