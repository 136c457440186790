import { z } from 'zod'
import {
  account,
  accountUpdate,
  apiKey,
  exportInput,
  keyCreate,
  keyRevoke,
  mutationIdOnly,
  noInput,
  tagRename,
  user,
  userCreate,
  userDelete,
  userUpdate,
} from './account.ts'
import { changesInput, revertInput } from './change.ts'
import { feedInput, feedItem } from './feed.ts'
import { list, listCreate, listDelete, listUpdate, page } from './list.ts'
import { type AnyProcedure, mutation, query, subscription } from './procedure.ts'
import {
  affected,
  bulkResult,
  changesPage,
  contractInfo,
  counts,
  exportPage,
  deletedRow,
  health,
  paged,
  revisionedPage,
  tagCount,
} from './replies.ts'
import { task, taskComplete, taskCreate, taskCreateMany, taskGet, taskMove, taskReference, taskUpdate } from './task.ts'
import { taskBulk, taskCount, taskList } from './task-filter.ts'

export type { Access, AnyProcedure, Kind, Procedure } from './procedure.ts'

/** Every procedure of the service: the API, the client and contract.json are made from this table. */
export const contract = {
  tasks: {
    /**
     * Creates a task after the task `after`, or at the end of its list. Errors: NOT_FOUND if `listId` or `after` does
     * not exist; ALREADY_EXISTS if the id is in use.
     */
    create: mutation('tasks:write', taskCreate, task, 'Creates a task.'),
    /** Creates 1 to 500 tasks in the given order, all or none. It has the errors of `tasks.create`. */
    createMany: mutation(
      'tasks:write',
      taskCreateMany,
      z.object({ tasks: z.array(task) }),
      'Creates up to 500 tasks, all or none.',
    ),
    /** Returns one task, even if it is in the trash. Errors: NOT_FOUND. */
    get: query('tasks:read', taskGet, task, 'Returns one task, even if it is in the trash.'),
    /**
     * Returns a page of 1 to 100 tasks (default 50). By default, these are the tasks outside the trash, newest first.
     * `nextCursor` is null on the last page, and is valid only with the same filter, sort and zone. `revision` is the
     * space's latest revision in the snapshot of the page.
     */
    list: query(
      'tasks:read',
      taskList,
      revisionedPage(task),
      'Returns a page of tasks, filtered and sorted.',
      'sort, null last; id',
    ),
    /**
     * Counts the tasks that match: in total, open, complete, and overdue (in `timeZone`, or else the account's zone).
     */
    count: query('tasks:read', taskCount, counts, 'Counts the tasks that match: in total, open, complete and overdue.'),
    /**
     * Changes at least one field of a task. If no value differs from the current one, the task keeps its revision.
     * Errors: NOT_FOUND; IN_TRASH; REVISION_CONFLICT if the task has changed since `expectedRevision`.
     */
    update: mutation('tasks:write', taskUpdate, task, 'Changes fields of a task.'),
    /** Completes a task, or reopens it with `complete: false`. Errors: NOT_FOUND; IN_TRASH; REVISION_CONFLICT. */
    complete: mutation('tasks:write', taskComplete, task, 'Completes a task, or reopens it.'),
    /**
     * Moves a task to the list `listId` (absent: within its list), after the task `after` (absent: to the end; null: to
     * the front). Errors: NOT_FOUND; IN_TRASH; REVISION_CONFLICT.
     */
    move: mutation('tasks:write', taskMove, task, 'Moves a task within its list or to another list.'),
    /** Moves a task to the trash, where it can be read, restored and purged. Errors: NOT_FOUND; REVISION_CONFLICT. */
    delete: mutation('tasks:write', taskReference, task, 'Moves a task to the trash.'),
    /** Moves a task from the trash back to the end of its list. Errors: NOT_FOUND; REVISION_CONFLICT. */
    restore: mutation('tasks:write', taskReference, task, 'Moves a task from the trash back to the end of its list.'),
    /**
     * Erases a task for good, even if it is not in the trash, and erases its content from the log. Errors: NOT_FOUND;
     * REVISION_CONFLICT.
     */
    purge: mutation('tasks:write', taskReference, deletedRow, 'Erases a task, and its content in the log, for good.'),
    /**
     * Applies one action to the tasks of `ids` (1 to 500), or to the tasks that match `filter` (which requires
     * `maxAffected`, 1 to 10,000). It changes all of them or none. `dryRun` changes nothing and returns what would be
     * affected. Errors: LIMIT_EXCEEDED if more than `maxAffected` tasks would change; NOT_FOUND; IN_TRASH.
     */
    bulk: mutation('tasks:write', taskBulk, bulkResult, 'Applies one action to many tasks, all or none.'),
  },
  lists: {
    /**
     * Creates a list after the list `after`, or at the end. Errors: ALREADY_EXISTS if the id is in use, or the name
     * (ignoring case); LIMIT_EXCEEDED if no position is free there, and there are too many lists to rebalance.
     */
    create: mutation('tasks:write', listCreate, list, 'Creates a list.'),
    /** Renames or moves a list. Errors: NOT_FOUND; REVISION_CONFLICT; the errors of `lists.create`. */
    update: mutation('tasks:write', listUpdate, list, 'Renames or moves a list.'),
    /**
     * Deletes a list. Its tasks move to the end of the inbox, or to the trash, where they are in no list. Errors:
     * NOT_FOUND; REVISION_CONFLICT; LIMIT_EXCEEDED if the list and its tasks are more than 10,000 rows.
     */
    delete: mutation(
      'tasks:write',
      listDelete,
      deletedRow,
      'Deletes a list, and moves its tasks to the inbox or the trash.',
    ),
    /** Returns a page of 1 to 100 lists (default 50), in the order of their positions. */
    list: query(
      'tasks:read',
      page,
      revisionedPage(list),
      'Returns a page of lists, in the order of their positions.',
      'position',
    ),
  },
  tags: {
    /** Returns a page of 1 to 100 tags (default 50), each with the number of tasks outside the trash that have it. */
    list: query(
      'tasks:read',
      page,
      paged(tagCount),
      'Returns a page of the tags in use, each with the number of tasks that have it.',
      'lower case of the tag',
    ),
    /**
     * Renames a tag on every task; if the new name is a tag already, the two merge. Errors: LIMIT_EXCEEDED if more than
     * 10,000 tasks have the tag.
     */
    rename: mutation('tasks:write', tagRename, affected, 'Renames a tag on every task, or merges it into another tag.'),
  },
  changes: {
    /**
     * Returns a page of 1 to 500 Changes (default 100) with a revision above `after`, oldest first. With `entityId`,
     * returns only the Changes of that task, list, key or account, as far back as they are kept. Errors:
     * RESYNC_REQUIRED if `after` is above the head (the latest revision) or, without `entityId`, if Changes since
     * `after` are no longer kept.
     */
    list: query('tasks:read', changesInput, changesPage, 'Returns a page of the log, oldest first.', 'revision'),
    /**
     * Streams Changes as they happen. The stream begins after the revision `lastEventId`, or else `after`, or else now.
     * An event's id is its revision. Errors: RESYNC_REQUIRED if Changes since that revision are no longer kept, or it
     * is above the head; RATE_LIMITED if the user has too many open streams; UNAUTHENTICATED or FORBIDDEN once the
     * caller may no longer read.
     */
    subscribe: subscription(
      'tasks:read',
      feedInput,
      feedItem,
      'Streams Changes as they happen, as server-sent events.',
    ),
    /**
     * Undoes the whole commit of a Change, as a new commit. Errors: REVISION_CONFLICT if a field that the commit set
     * has changed since; NOT_REVERTIBLE if a row was purged, if a list is gone, has tasks, or its name is in use, or if
     * the Change is of the account, a key or the service itself (the message says which); NOT_FOUND.
     */
    revert: mutation('tasks:write', revertInput, affected, 'Undoes a whole commit, as a new commit.'),
  },
  keys: {
    /**
     * Creates an API key; only this reply has its secret. The call needs a session. Errors: NOT_FOUND if the space does
     * not exist. A repeat fails with MUTATION_APPLIED and does not return the secret.
     */
    create: mutation(
      'session',
      keyCreate,
      z.object({ key: apiKey, secret: z.string() }),
      'Creates an API key; only this reply has its secret.',
    ),
    /**
     * Revokes a key from the next call on. A mutation of this key that is already waiting in the database is still
     * applied. Errors: NOT_FOUND. If a key revokes itself, a repeat of that call fails with UNAUTHENTICATED.
     */
    revoke: mutation('account', keyRevoke, z.object({ id: z.string() }), 'Revokes a key from the next call on.'),
    /** Returns a page of 1 to 100 keys (default 50), newest first, without their secrets. */
    list: query(
      'account',
      page,
      paged(apiKey),
      'Returns a page of keys, newest first.',
      'createdAt descending; id descending',
    ),
  },
  me: {
    /** Returns the account. */
    get: query('account', noInput, account, 'Returns the account.'),
    /** Changes the account's name, time zone or both. */
    update: mutation('account', accountUpdate, account, "Changes the account's name or time zone."),
    /**
     * Returns a page of all data of the account, at most 1,000 rows. First come the lists, then the tasks (also those
     * in the trash), then the Changes up to the `revision` of the first page, then the keys. `account` is on each page.
     * `revision` is the latest revision in the snapshot of the page. `nextCursor` is null on the last page. A key needs
     * the scopes `account` and `tasks:read`.
     */
    export: query(
      'account tasks:read',
      exportInput,
      exportPage,
      'Returns a page of all data of the account.',
      'lists by id; tasks by id; changes by revision; keys by id',
    ),
    /**
     * Erases the account and all its data for good, and ends its streams. The call needs a session. A repeat fails
     * with UNAUTHENTICATED, since the account is gone.
     */
    delete: mutation('session', mutationIdOnly, z.object({ id: z.string() }), 'Erases the account and all its data.'),
  },
  users: {
    /**
     * Creates an account with an external id. Every procedure of `users` needs a service key with the scope `users`,
     * and a request without the headers that name a user or a space. Errors: ALREADY_EXISTS if there is an account with
     * this id; `current` is that account.
     */
    create: mutation('users', userCreate, user, 'Creates an account with an external id.'),
    /**
     * Changes the account with this `id` or `externalId`, or disables it. From the next call on, every credential of a
     * disabled account is refused with UNAUTHENTICATED, and its streams end. Errors: USER_UNKNOWN if there is no such
     * account; ALREADY_EXISTS if another account, which signed up, has the e-mail address.
     */
    update: mutation('users', userUpdate, user, 'Changes an account, or disables it.'),
    /**
     * Erases an account and all its data for good. Errors: USER_UNKNOWN if there is no such account, as for a repeat.
     */
    delete: mutation('users', userDelete, z.object({ id: z.string() }), 'Erases an account and all its data.'),
    /** Returns a page of 1 to 100 accounts (default 50), in the order of their ids. */
    list: query('users', page, paged(user), 'Returns a page of accounts, in the order of their ids.', 'id'),
  },
  system: {
    /** Returns the status and version of the service. Needs no credential. */
    health: query('public', noInput, health, 'Returns the status and version of the service.'),
    /** Returns the version and hash of the service's contract. Needs no credential. */
    contract: query('public', noInput, contractInfo, "Returns the version and hash of the service's contract."),
  },
} satisfies Record<string, Record<string, AnyProcedure>>

export type Contract = typeof contract
