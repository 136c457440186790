import { z } from 'zod'
import { account, type Account, apiKey, type ApiKey } from './account.ts'
import { change, type Change } from './change.ts'
import { list, type List } from './list.ts'
import { task, type Task } from './task.ts'
import { revision } from './values.ts'
import type { Schema } from './schema.ts'

// The replies of procedures, except for single tasks, lists, accounts and Changes.

/** One page of a query; `nextCursor` is null on the last page. */
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}
/** A page that also returns the space's revision. */
export interface RevisionedPage<T> extends Page<T> {
  /** The space's latest revision in the snapshot from which the page was read. */
  revision: number
}
export const paged = <T>(item: Schema<T>): Schema<Page<T>> =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })
export const revisionedPage = <T>(item: Schema<T>): Schema<RevisionedPage<T>> =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable(), revision })

/** The reply for a row that was deleted for good: its id, and the revision of the deletion. */
export interface DeletedRow {
  id: string
  revision: number
}
export const deletedRow: Schema<DeletedRow> = z.object({ id: z.string(), revision })

export interface Counts {
  total: number
  open: number
  complete: number
  overdue: number
}
export interface BulkResult {
  /** How many tasks changed, or with `dryRun` would change. */
  affected: number
  /** The first 500 of these tasks. After a purge, none. */
  tasks: Task[]
  revision: number
}
export interface TagCount {
  tag: string
  count: number
}
export interface Affected {
  affected: number
  revision: number
}
export interface ChangesPage {
  changes: Change[]
  head: number
  /** `after` for the next call; equals `head` when there are no more Changes (with `entityId`: of this entity). */
  nextAfter: number
}
/** A page of `me.export`. */
export interface ExportPage {
  account: Account
  lists: List[]
  tasks: Task[]
  changes: Change[]
  keys: ApiKey[]
  revision: number
  nextCursor: string | null
}
export interface Health {
  status: 'ok' | (string & {})
  version: string
}
export interface ContractInfo {
  version: string
  hash: string
}

const count = z.int()
export const counts: Schema<Counts> = z.object({
  total: count,
  open: count,
  complete: count,
  overdue: count,
})
export const bulkResult: Schema<BulkResult> = z.object({
  affected: count,
  tasks: z.array(task),
  revision,
})
export const affected: Schema<Affected> = z.object({ affected: count, revision })
export const changesPage: Schema<ChangesPage> = z.object({
  changes: z.array(change),
  head: revision,
  nextAfter: revision,
})
export const exportPage: Schema<ExportPage> = z.object({
  account,
  lists: z.array(list),
  tasks: z.array(task),
  changes: z.array(change),
  keys: z.array(apiKey),
  revision,
  nextCursor: z.string().nullable(),
})
export const health: Schema<Health> = z.object({ status: z.string(), version: z.string() })
export const contractInfo: Schema<ContractInfo> = z.object({ version: z.string(), hash: z.string() })
export const tagCount: Schema<TagCount> = z.object({ tag: z.string(), count })
