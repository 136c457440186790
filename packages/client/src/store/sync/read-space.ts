import { LIMITS } from '@taskwire/contract/limits'
import type { Page, RevisionedPage } from '@taskwire/contract/replies'
import { isTaskwireError } from '../../errors.ts'
import { emptyRows, type MirroredEntity, type RowOf, type Rows } from '../rows.ts'
import type { SyncContext } from './context.ts'

/** All rows of a space. Some may be newer than `after`: following the Changes after it brings all to one state. */
export interface SpaceCopy {
  rows: Rows
  /** The smallest revision of any page. */
  after: number
}
type Source = Pick<SyncContext, 'client' | 'account' | 'signal'>

/** Reads all lists and tasks of a space, also those in the trash. */
export async function readSpace(source: Source): Promise<SpaceCopy> {
  const isPersonal = source.client.space === source.account
  return (isPersonal ? await exported(source) : undefined) ?? (await listed(source))
}

/**
 * Reads a personal space by `me.export`, which is faster: a page of `tasks.list` with the trash sorts all tasks. Returns
 * undefined if the credential may not, or is another account's: `me` is the caller, whatever space a call names.
 */
async function exported({ client, account, signal }: Source): Promise<SpaceCopy | undefined> {
  const copy: SpaceCopy = { rows: emptyRows(), after: Infinity }
  let cursor: string | null = null
  try {
    do {
      const page = await client.me.export.query({ cursor }, { signal })
      if (page.account.id !== account) return undefined
      for (const list of page.lists) copy.rows.list.set(list.id, list)
      for (const task of page.tasks) copy.rows.task.set(task.id, task)
      copy.after = Math.min(copy.after, page.revision)
      // Changes and keys come after the tasks.
      cursor = page.changes.length + page.keys.length > 0 ? null : page.nextCursor
    } while (cursor !== null)
    return copy
  } catch (error) {
    if (isTaskwireError(error) && error.appCode === 'FORBIDDEN') return undefined
    throw error
  }
}

async function listed({ client: { lists, tasks }, signal }: Source): Promise<SpaceCopy> {
  const copy: SpaceCopy = { rows: emptyRows(), after: Infinity }
  async function readPages<E extends MirroredEntity>(
    entity: E,
    read: (cursor: string | null) => Promise<RevisionedPage<RowOf[E]>>,
  ): Promise<void> {
    let cursor: Page<unknown>['nextCursor'] = null
    do {
      const page: RevisionedPage<RowOf[E]> = await read(cursor)
      for (const row of page.items) copy.rows[entity].set(row.id, row)
      copy.after = Math.min(copy.after, page.revision)
      cursor = page.nextCursor
    } while (cursor !== null)
  }
  const limit = LIMITS.page.max
  await readPages('list', async (cursor) => await lists.list.query({ limit, cursor }, { signal }))
  // In this order a new task is on the last page, and an edited one stays where it is.
  const input = { filter: { trash: 'with' }, sort: { by: 'createdAt', direction: 'asc' }, limit } as const
  await readPages('task', async (cursor) => await tasks.list.query({ ...input, cursor }, { signal }))
  return copy
}
