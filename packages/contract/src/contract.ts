import { z } from 'zod'
import type { Account, ApiKey, Scope } from './account.ts'
import {
  account,
  accountUpdate,
  apiKey,
  exportInput,
  keyCreate,
  keyRevoke,
  mutatingOnly,
  nothing,
  tagRename,
} from './account.ts'
import type { Change } from './change.ts'
import { change, changesInput, revertInput } from './change.ts'
import { feedInput, feedItem } from './feed.ts'
import type { List } from './list.ts'
import { list, listCreate, listDelete, listUpdate, page } from './list.ts'
import type { Task } from './task.ts'
import { task, taskComplete, taskCreate, taskCreateMany, taskGet, taskMove, taskOnly, taskUpdate } from './task.ts'
import { taskBulk, taskCount, taskList } from './task-filter.ts'
import { revision } from './values.ts'

/**
 * Who may call: `public` needs no credential; `session` refuses every key; a key needs the scope, or
 * each of the scopes that stand there with a blank between them; a session holds all scopes.
 */
export type Access = 'public' | 'session' | Scope | 'account tasks:read'

/** How a procedure is called: a query by GET, a mutation by POST, a subscription as server-sent events. */
export type Kind = 'query' | 'mutation' | 'subscription'

/**
 * One procedure: `In` as callers write it, `Parsed` with defaults and normalised, `Out` the reply, or
 * each item of a subscription.
 */
export interface Procedure<K extends Kind, In, Parsed, Out> {
  readonly kind: K
  readonly access: Access
  readonly input: z.ZodType<Parsed, In>
  readonly output: z.ZodType<Out, Out>
  readonly summary: string
}

/** Any procedure, where its types do not matter. */
export type AnyProcedure = Procedure<Kind, unknown, unknown, unknown>

function query<In, Parsed, Out>(
  access: Access,
  input: z.ZodType<Parsed, In>,
  output: z.ZodType<Out, Out>,
  summary: string,
): Procedure<'query', In, Parsed, Out> {
  return { kind: 'query', access, input, output, summary }
}

function mutation<In, Parsed, Out>(
  access: Access,
  input: z.ZodType<Parsed, In>,
  output: z.ZodType<Out, Out>,
  summary: string,
): Procedure<'mutation', In, Parsed, Out> {
  return { kind: 'mutation', access, input, output, summary }
}

function subscription<In, Parsed, Out>(
  access: Access,
  input: z.ZodType<Parsed, In>,
  output: z.ZodType<Out, Out>,
  summary: string,
): Procedure<'subscription', In, Parsed, Out> {
  return { kind: 'subscription', access, input, output, summary }
}

/** One page; `nextCursor` is null on the last. */
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}
/** A page with the head of the same snapshot. */
export interface RevisionedPage<T> extends Page<T> {
  revision: number
}
const paged = <T>(item: z.ZodType<T, T>): z.ZodType<Page<T>, Page<T>> =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })
const revisionedPage = <T>(item: z.ZodType<T, T>): z.ZodType<RevisionedPage<T>, RevisionedPage<T>> =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable(), revision })

/** A row that is gone, and the revision that its going took. */
export interface Gone {
  id: string
  revision: number
}
const gone: z.ZodType<Gone, Gone> = z.object({ id: z.string(), revision })

export interface Counts {
  total: number
  open: number
  complete: number
  overdue: number
}
export interface BulkResult {
  /** How many tasks changed, or would change in a dry run. */
  affected: number
  /** The first 500 of them. */
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
  /** The `after` of the next call; equal to `head` when nothing is left. */
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
const counts: z.ZodType<Counts, Counts> = z.object({ total: count, open: count, complete: count, overdue: count })
const bulkResult: z.ZodType<BulkResult, BulkResult> = z.object({ affected: count, tasks: z.array(task), revision })
const affected: z.ZodType<Affected, Affected> = z.object({ affected: count, revision })
const changesPage: z.ZodType<ChangesPage, ChangesPage> = z.object({
  changes: z.array(change),
  head: revision,
  nextAfter: revision,
})
const exportPage: z.ZodType<ExportPage, ExportPage> = z.object({
  account,
  lists: z.array(list),
  tasks: z.array(task),
  changes: z.array(change),
  keys: z.array(apiKey),
  revision,
  nextCursor: z.string().nullable(),
})
const health: z.ZodType<Health, Health> = z.object({ status: z.string(), version: z.string() })
const contractInfo: z.ZodType<ContractInfo, ContractInfo> = z.object({ version: z.string(), hash: z.string() })
const tagCount: z.ZodType<TagCount, TagCount> = z.object({ tag: z.string(), count })

/** Every procedure of the service: the one table that the API, the client and contract.json are made from. */
export const contract = {
  tasks: {
    /** Creates a task, behind `after` or last in its list. NOT_FOUND: no such list or `after`; ALREADY_EXISTS: the id is in use. */
    create: mutation('tasks:write', taskCreate, task, 'Creates a task.'),
    /** Creates 1 to 500 tasks in the order given, all or none. Refusals as `tasks.create`. */
    createMany: mutation(
      'tasks:write',
      taskCreateMany,
      z.object({ tasks: z.array(task) }),
      'Creates up to 500 tasks, all or none.',
    ),
    /** One task, in the trash or not. NOT_FOUND. */
    get: query('tasks:read', taskGet, task, 'One task, in the trash or not.'),
    /** A page of 1 to 100 tasks (default 50), by default those not in the trash, newest first. `nextCursor` is null on the last page, and goes with the same filter, sort and zone; `revision` is the head of the same snapshot. */
    list: query('tasks:read', taskList, revisionedPage(task), 'A page of tasks, filtered and sorted.'),
    /** How many tasks match: in all, open, complete, and overdue by the account's zone or `timeZone`. */
    count: query('tasks:read', taskCount, counts, 'How many tasks match, in all, open, complete and overdue.'),
    /** Changes at least one field. NOT_FOUND; IN_TRASH; REVISION_CONFLICT: the row has moved on from `expectedRevision`. A change to what it is already takes no revision. */
    update: mutation('tasks:write', taskUpdate, task, 'Changes fields of a task.'),
    /** Completes a task, or opens it again with `complete: false`. NOT_FOUND; IN_TRASH; REVISION_CONFLICT. */
    complete: mutation('tasks:write', taskComplete, task, 'Completes a task, or opens it again.'),
    /** Moves a task: without `listId` within its list; without `after` to the end, null to the front. NOT_FOUND; IN_TRASH; REVISION_CONFLICT. */
    move: mutation('tasks:write', taskMove, task, 'Moves a task within its list or to another.'),
    /** Puts a task into the trash, where it can be read, restored and purged. NOT_FOUND; REVISION_CONFLICT. */
    delete: mutation('tasks:write', taskOnly, task, 'Puts a task into the trash.'),
    /** Takes a task out of the trash, last in its list. NOT_FOUND; REVISION_CONFLICT. */
    restore: mutation('tasks:write', taskOnly, task, 'Takes a task out of the trash, last in its list.'),
    /** Erases a task for good, from either state, with what its history holds. NOT_FOUND; REVISION_CONFLICT. */
    purge: mutation('tasks:write', taskOnly, gone, 'Erases a task for good, with what its history holds.'),
    /** One action on the tasks of `ids` (1 to 500) or of `filter` (with `maxAffected`, 1 to 10,000), all or none. LIMIT_EXCEEDED: more than `maxAffected` match, and nothing changed. `dryRun` only counts. */
    bulk: mutation('tasks:write', taskBulk, bulkResult, 'One action on many tasks, all or none.'),
  },
  lists: {
    /** Creates a list, behind `after` or last. ALREADY_EXISTS: the id, or the name whatever its case, is in use; LIMIT_EXCEEDED: no position is left there, and there are more lists than may be rebalanced. */
    create: mutation('tasks:write', listCreate, list, 'Creates a list.'),
    /** Renames or moves a list. NOT_FOUND; ALREADY_EXISTS; REVISION_CONFLICT; LIMIT_EXCEEDED as `lists.create`. */
    update: mutation('tasks:write', listUpdate, list, 'Renames or moves a list.'),
    /** Deletes a list; its tasks go last in the inbox, or to the trash with no list. NOT_FOUND; REVISION_CONFLICT; LIMIT_EXCEEDED: with its tasks, more than 10,000 rows. */
    delete: mutation('tasks:write', listDelete, gone, 'Deletes a list; its tasks go to the inbox or the trash.'),
    /** A page of 1 to 100 lists (default 50), by position. */
    list: query('tasks:read', page, revisionedPage(list), 'A page of lists, by position.'),
  },
  tags: {
    /** A page of 1 to 100 tags (default 50) in use, each with how many live tasks have it. */
    list: query('tasks:read', page, paged(tagCount), 'A page of the tags in use, with how many live tasks have each.'),
    /** Renames a tag on every task; onto another tag it merges. LIMIT_EXCEEDED: on more than 10,000 tasks. */
    rename: mutation('tasks:write', tagRename, affected, 'Renames a tag on every task; onto another tag it merges.'),
  },
  changes: {
    /** A page of 1 to 500 Changes (default 100) above `after`, oldest first. RESYNC_REQUIRED: `after` is older than what is kept, or above the head. */
    list: query('tasks:read', changesInput, changesPage, 'A page of the log, oldest first.'),
    /**
     * Changes as they happen, above `lastEventId`, or `after`, or from now; each event has its revision as
     * id. RESYNC_REQUIRED: older than what is kept, or above the head; RATE_LIMITED: the user has too many
     * streams open. Ends with UNAUTHENTICATED or FORBIDDEN once the caller may not read any more.
     */
    subscribe: subscription('tasks:read', feedInput, feedItem, 'Changes as they happen, as server-sent events.'),
    /** Undoes the whole commit of a Change, as a new one. REVISION_CONFLICT: a field that it set has changed since; NOT_REVERTIBLE: a row was purged, a list is gone, has its name taken or has tasks, or it is of the account, a key or the service itself; the message says which. */
    revert: mutation('tasks:write', revertInput, affected, 'Undoes a whole commit as a new one.'),
  },
  keys: {
    /** Makes a key; its secret is in this reply alone. Needs a session. NOT_FOUND: no such space. A repeat answers MUTATION_APPLIED and gives no secret. */
    create: mutation(
      'session',
      keyCreate,
      z.object({ key: apiKey, secret: z.string() }),
      'Makes a key; its secret is shown once.',
    ),
    /**
     * Ends a key from the next call on: a mutation of the key's that has reached the database already, and waits there for
     * another of its space, is still done. NOT_FOUND. A repeat by the key itself answers UNAUTHENTICATED: it has ended.
     */
    revoke: mutation('account', keyRevoke, z.object({ id: z.string() }), 'Ends a key from the next call on.'),
    /** A page of 1 to 100 keys (default 50), newest first, without their secrets. */
    list: query('account', page, paged(apiKey), 'A page of keys, newest first.'),
  },
  me: {
    /** The account. */
    get: query('account', nothing, account, 'The account.'),
    /** Changes the name, the time zone or both. */
    update: mutation('account', accountUpdate, account, 'Changes the name or the time zone.'),
    /**
     * A page of one's data, at most 1,000 rows: lists, then tasks with those in the trash, then Changes up to the
     * `revision` of the first page, then keys. `account` is on each page; `revision` is the head of the page's snapshot;
     * `nextCursor` is null on the last page. A key needs `account` and `tasks:read`.
     */
    export: query('account tasks:read', exportInput, exportPage, "A page of all of one's data."),
    /** Erases the account and everything of it, for good, and ends its streams. Needs a session. A repeat answers UNAUTHENTICATED: it is gone. */
    delete: mutation('session', mutatingOnly, z.object({ id: z.string() }), 'Erases the account and everything of it.'),
  },
  system: {
    /** Whether the service answers. Needs no credential. */
    health: query('public', nothing, health, 'Whether the service answers.'),
    /** The version of the contract that is served. Needs no credential. */
    contract: query('public', nothing, contractInfo, 'The version of the contract that is served.'),
  },
} satisfies Record<string, Record<string, AnyProcedure>>

export type Contract = typeof contract
