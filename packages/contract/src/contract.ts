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
     * Creates a task after the task `after`, or at the end of its list. NOT_FOUND: `listId` or `after` does not exist;
     * ALREADY_EXISTS: the id is in use.
     */
    create: mutation('tasks:write', taskCreate, task, 'Creates a task.'),
    /** Creates 1 to 500 tasks in the given order, all or none. The same errors as `tasks.create`. */
    createMany: mutation(
      'tasks:write',
      taskCreateMany,
      z.object({ tasks: z.array(task) }),
      'Creates up to 500 tasks, all or none.',
    ),
    /** Returns one task, whether in the trash or not. NOT_FOUND. */
    get: query('tasks:read', taskGet, task, 'Returns one task, whether in the trash or not.'),
    /**
     * Returns a page of 1 to 100 tasks (default 50), by default those not in the trash, newest first. `nextCursor` is
     * null on the last page, and is valid only with the same filter, sort and zone; `revision` is the head in the same
     * snapshot.
     */
    list: query(
      'tasks:read',
      taskList,
      revisionedPage(task),
      'Returns a page of tasks, filtered and sorted.',
      'sort, null last; id',
    ),
    /** Counts the tasks that match: in total, open, complete, and overdue in `timeZone` or the account's zone. */
    count: query('tasks:read', taskCount, counts, 'Counts the tasks that match: in total, open, complete and overdue.'),
    /**
     * Changes at least one field of a task. Setting the values that it already has takes no revision. NOT_FOUND;
     * IN_TRASH; REVISION_CONFLICT: the task has changed since `expectedRevision`.
     */
    update: mutation('tasks:write', taskUpdate, task, 'Changes fields of a task.'),
    /** Completes a task, or reopens it with `complete: false`. NOT_FOUND; IN_TRASH; REVISION_CONFLICT. */
    complete: mutation('tasks:write', taskComplete, task, 'Completes a task, or reopens it.'),
    /**
     * Moves a task to the list `listId` (absent: within its list), after the task `after` (absent: to the end; null: to
     * the front). NOT_FOUND; IN_TRASH; REVISION_CONFLICT.
     */
    move: mutation('tasks:write', taskMove, task, 'Moves a task within its list or to another.'),
    /** Moves a task to the trash, where it can be read, restored and purged. NOT_FOUND; REVISION_CONFLICT. */
    delete: mutation('tasks:write', taskReference, task, 'Moves a task to the trash.'),
    /** Moves a task from the trash back to the end of its list. NOT_FOUND; REVISION_CONFLICT. */
    restore: mutation('tasks:write', taskReference, task, 'Moves a task from the trash back to the end of its list.'),
    /**
     * Erases a task for good, whether in the trash or not, and its content from the log. NOT_FOUND; REVISION_CONFLICT.
     */
    purge: mutation('tasks:write', taskReference, deletedRow, 'Erases a task for good, and its content from the log.'),
    /**
     * Applies one action to the tasks of `ids` (1 to 500), or to those that match `filter` (which requires
     * `maxAffected`, 1 to 10,000): to all or none. `dryRun` changes nothing and returns what would be affected.
     * LIMIT_EXCEEDED: more than `maxAffected` match; nothing was changed.
     */
    bulk: mutation('tasks:write', taskBulk, bulkResult, 'Applies one action to many tasks, all or none.'),
  },
  lists: {
    /**
     * Creates a list after the list `after`, or at the end. ALREADY_EXISTS: the id is in use, or the name, ignoring
     * case; LIMIT_EXCEEDED: no position is free there, and there are too many lists to rebalance.
     */
    create: mutation('tasks:write', listCreate, list, 'Creates a list.'),
    /** Renames or moves a list. NOT_FOUND; ALREADY_EXISTS; REVISION_CONFLICT; LIMIT_EXCEEDED as in `lists.create`. */
    update: mutation('tasks:write', listUpdate, list, 'Renames or moves a list.'),
    /**
     * Deletes a list, and moves its tasks to the end of the inbox, or out of any list to the trash. NOT_FOUND;
     * REVISION_CONFLICT; LIMIT_EXCEEDED: it has more than 10,000 rows, tasks included.
     */
    delete: mutation(
      'tasks:write',
      listDelete,
      deletedRow,
      'Deletes a list, and moves its tasks to the inbox or the trash.',
    ),
    /** Returns a page of 1 to 100 lists (default 50), by position. */
    list: query('tasks:read', page, revisionedPage(list), 'Returns a page of lists, by position.', 'position'),
  },
  tags: {
    /** Returns a page of 1 to 100 tags (default 50), each with how many tasks outside the trash have it. */
    list: query(
      'tasks:read',
      page,
      paged(tagCount),
      'Returns a page of the tags in use, each with how many tasks have it.',
      'lower case of the tag',
    ),
    /**
     * Renames a tag on every task; if the new name is a tag already, the two merge. LIMIT_EXCEEDED: more than 10,000
     * tasks have it.
     */
    rename: mutation('tasks:write', tagRename, affected, 'Renames a tag on every task, or merges it into another tag.'),
  },
  changes: {
    /**
     * Returns a page of 1 to 500 Changes (default 100) with a revision above `after`, oldest first. RESYNC_REQUIRED:
     * Changes since `after` are no longer kept, or `after` is above the head.
     */
    list: query('tasks:read', changesInput, changesPage, 'Returns a page of the log, oldest first.', 'revision'),
    /**
     * Streams Changes as they happen: those after `lastEventId`, else after `after`, else from now on. An event's id
     * is its revision. RESYNC_REQUIRED: Changes since then are no longer kept, or it is above the head; RATE_LIMITED:
     * the user has too many open streams. Fails with UNAUTHENTICATED or FORBIDDEN once the caller may no longer read.
     */
    subscribe: subscription(
      'tasks:read',
      feedInput,
      feedItem,
      'Streams Changes as they happen, as server-sent events.',
    ),
    /**
     * Undoes the whole commit of a Change, as a new commit. REVISION_CONFLICT: a field that it set has changed since.
     * NOT_REVERTIBLE: a row was purged; a list is gone, has tasks, or its name is in use; or the Change is of the
     * account, a key or the service itself. The message says which.
     */
    revert: mutation('tasks:write', revertInput, affected, 'Undoes a whole commit, as a new commit.'),
  },
  keys: {
    /**
     * Creates an API key; only this reply has its secret. Needs a session. NOT_FOUND: the space does not exist. A
     * repeat fails with MUTATION_APPLIED and does not return the secret.
     */
    create: mutation(
      'session',
      keyCreate,
      z.object({ key: apiKey, secret: z.string() }),
      'Creates an API key; its secret is shown once.',
    ),
    /**
     * Revokes a key from the next call on. A mutation sent with it that is already waiting in the database is still
     * applied. NOT_FOUND. A key that revokes itself gets UNAUTHENTICATED for a repeat.
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
     * Returns a page of all data of the account, at most 1,000 rows: first the lists, then the tasks (those in the
     * trash too), then the Changes up to the `revision` of the first page, then the keys. `account` is on each page;
     * `revision` is the head in the page's snapshot; `nextCursor` is null on the last page. A key needs the scopes
     * `account` and `tasks:read`.
     */
    export: query(
      'account tasks:read',
      exportInput,
      exportPage,
      'Returns a page of all data of the account.',
      'lists by id; tasks by id; changes by revision; keys by id',
    ),
    /**
     * Erases the account and all its data for good, and ends its streams. Needs a session. A repeat fails with
     * UNAUTHENTICATED, since the account is gone.
     */
    delete: mutation('session', mutationIdOnly, z.object({ id: z.string() }), 'Erases the account and all its data.'),
  },
  users: {
    /**
     * Creates an account with an external id. ALREADY_EXISTS: there is one, which is `current`. As with every procedure of
     * `users`, needs a service key with the scope `users`, and names no user and no space in a header.
     */
    create: mutation('users', userCreate, user, 'Creates an account with an external id.'),
    /**
     * Changes an account, found by `id` or `externalId`, or disables it: from the next call on, every credential of a
     * disabled account is UNAUTHENTICATED, and its streams end. USER_UNKNOWN; ALREADY_EXISTS: the e-mail address is that of
     * another account that signed up.
     */
    update: mutation('users', userUpdate, user, 'Changes an account, or disables it.'),
    /** Erases an account and all its data for good. USER_UNKNOWN, as for a repeat. */
    delete: mutation('users', userDelete, z.object({ id: z.string() }), 'Erases an account and all its data.'),
    /** Returns a page of 1 to 100 accounts (default 50), by their ids. */
    list: query('users', page, paged(user), 'Returns a page of accounts, by their ids.', 'id'),
  },
  system: {
    /** Returns the status and version of the service. Needs no credential. */
    health: query('public', noInput, health, 'Returns the status and version of the service.'),
    /** Returns the version and hash of the contract that the service has. Needs no credential. */
    contract: query(
      'public',
      noInput,
      contractInfo,
      'Returns the version and hash of the contract that the service has.',
    ),
  },
} satisfies Record<string, Record<string, AnyProcedure>>

export type Contract = typeof contract
