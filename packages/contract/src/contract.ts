import { z } from 'zod'
import type { Account, ApiKey, Scope } from './account.ts'
import { account, accountUpdate, apiKey, keyCreate, keyRevoke, mutatingOnly, nothing, tagRename } from './account.ts'
import type { Change } from './change.ts'
import { change, changesInput, revertInput } from './change.ts'
import type { List } from './list.ts'
import { list, listCreate, listDelete, listUpdate, page } from './list.ts'
import type { Task } from './task.ts'
import {
  task,
  taskBulk,
  taskComplete,
  taskCount,
  taskCreate,
  taskCreateMany,
  taskGet,
  taskList,
  taskMove,
  taskOnly,
  taskUpdate,
} from './task.ts'
import { revision } from './values.ts'

/**
 * Who may call: `public` needs no credential; `session` refuses every key; a scope is needed of a
 * key, and a session holds all of them.
 */
export type Access = 'public' | 'session' | Scope

/** One procedure: `In` as callers write it, `Parsed` with defaults and normalised, `Out` the reply. */
export interface Procedure<Kind extends 'query' | 'mutation', In, Parsed, Out> {
  readonly kind: Kind
  readonly access: Access
  readonly input: z.ZodType<Parsed, In>
  readonly output: z.ZodType<Out, Out>
  readonly summary: string
}

/** Any procedure, where its types do not matter. */
export type AnyProcedure = Procedure<'query' | 'mutation', unknown, unknown, unknown>

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
export interface Export {
  account: Account
  lists: List[]
  tasks: Task[]
  changes: Change[]
  keys: ApiKey[]
  revision: number
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
const tagCount: z.ZodType<TagCount, TagCount> = z.object({ tag: z.string(), count })

/** Every procedure of the service: the one table that the API, the client and contract.json are made from. */
export const contract = {
  tasks: {
    create: mutation('tasks:write', taskCreate, task, 'Creates a task.'),
    createMany: mutation(
      'tasks:write',
      taskCreateMany,
      z.object({ tasks: z.array(task) }),
      'Creates up to 500 tasks, all or none.',
    ),
    get: query('tasks:read', taskGet, task, 'One task, in the trash or not.'),
    list: query('tasks:read', taskList, revisionedPage(task), 'A page of tasks, filtered and sorted.'),
    count: query(
      'tasks:read',
      taskCount,
      z.object({ total: count, open: count, complete: count, overdue: count }),
      'How many tasks match, in all, open, complete and overdue.',
    ),
    update: mutation('tasks:write', taskUpdate, task, 'Changes fields of a task.'),
    complete: mutation('tasks:write', taskComplete, task, 'Completes a task, or opens it again.'),
    move: mutation('tasks:write', taskMove, task, 'Moves a task within its list or to another.'),
    delete: mutation('tasks:write', taskOnly, task, 'Puts a task into the trash.'),
    restore: mutation('tasks:write', taskOnly, task, 'Takes a task out of the trash, last in its list.'),
    purge: mutation('tasks:write', taskOnly, gone, 'Erases a task for good, with what its history holds.'),
    bulk: mutation(
      'tasks:write',
      taskBulk,
      z.object({ affected: count, tasks: z.array(task), revision }),
      'One action on many tasks, all or none.',
    ),
  },
  lists: {
    create: mutation('tasks:write', listCreate, list, 'Creates a list.'),
    update: mutation('tasks:write', listUpdate, list, 'Renames or moves a list.'),
    delete: mutation('tasks:write', listDelete, gone, 'Deletes a list; its tasks go to the inbox or the trash.'),
    list: query('tasks:read', page, revisionedPage(list), 'A page of lists, by position.'),
  },
  tags: {
    list: query('tasks:read', page, paged(tagCount), 'A page of the tags in use, with how many live tasks have each.'),
    rename: mutation(
      'tasks:write',
      tagRename,
      z.object({ affected: count, revision }),
      'Renames a tag on every task; onto another tag it merges.',
    ),
  },
  changes: {
    list: query(
      'tasks:read',
      changesInput,
      z.object({ changes: z.array(change), head: revision, nextAfter: revision }),
      'A page of the log, oldest first.',
    ),
    revert: mutation(
      'tasks:write',
      revertInput,
      z.object({ revision, affected: count }),
      'Undoes a whole commit as a new one.',
    ),
  },
  keys: {
    create: mutation(
      'session',
      keyCreate,
      z.object({ key: apiKey, secret: z.string() }),
      'Makes a key; its secret is shown once.',
    ),
    revoke: mutation('account', keyRevoke, z.object({ id: z.string() }), 'Ends a key from the next call on.'),
    list: query('account', page, paged(apiKey), 'A page of keys, newest first.'),
  },
  me: {
    get: query('account', nothing, account, 'The account.'),
    update: mutation('account', accountUpdate, account, 'Changes the name or the time zone.'),
    export: query(
      'account',
      nothing,
      z.object({
        account,
        lists: z.array(list),
        tasks: z.array(task),
        changes: z.array(change),
        keys: z.array(apiKey),
        revision,
      }),
      "All of one's data.",
    ),
    delete: mutation('session', mutatingOnly, z.object({ id: z.string() }), 'Erases the account and everything of it.'),
  },
  system: {
    health: query(
      'public',
      nothing,
      z.object({ status: z.string(), version: z.string() }),
      'Whether the service answers.',
    ),
    contract: query(
      'public',
      nothing,
      z.object({ version: z.string(), hash: z.string() }),
      'The version of the contract that is served.',
    ),
  },
} satisfies Record<string, Record<string, AnyProcedure>>

export type Contract = typeof contract
