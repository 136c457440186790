import type { Page, RevisionedPage } from '@taskwire/contract/replies'
import { LIMITS } from '@taskwire/contract/limits'
import type { Calls } from '../../call-types.ts'
import type { Signal } from '../../waiting.ts'
import { emptyRows, type MirroredEntity, type RowOf, type Rows } from '../rows.ts'

/** All rows of a space. Some may be newer than `after`: following the Changes after it brings all to one state. */
export interface SpaceCopy {
  rows: Rows
  /** The smallest revision of any page. */
  after: number
}

/** Reads all lists and tasks of a space, also those in the trash. */
export async function readSpace({ lists, tasks }: Pick<Calls, 'lists' | 'tasks'>, signal: Signal): Promise<SpaceCopy> {
  const rows = emptyRows()
  let after = Infinity
  const options = signal ? { signal } : {}
  async function readPages<E extends MirroredEntity>(
    entity: E,
    read: (cursor: string | null) => Promise<RevisionedPage<RowOf[E]>>,
  ): Promise<void> {
    let cursor: Page<unknown>['nextCursor'] = null
    do {
      const page: RevisionedPage<RowOf[E]> = await read(cursor)
      for (const row of page.items) rows[entity].set(row.id, row)
      after = Math.min(after, page.revision)
      cursor = page.nextCursor
    } while (cursor !== null)
  }
  const limit = LIMITS.page.max
  await readPages('list', async (cursor) => await lists.list.query({ limit, cursor }, options))
  // In this order a new task is on the last page, and an edited one stays where it is.
  const input = { filter: { trash: 'with' }, sort: { by: 'createdAt', direction: 'asc' }, limit } as const
  await readPages('task', async (cursor) => await tasks.list.query({ ...input, cursor }, options))
  return { rows, after }
}
