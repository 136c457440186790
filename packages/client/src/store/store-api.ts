import type { List, ListChanges, ListCreate } from '@taskwire/contract/list'
import type { Counts, TagCount } from '@taskwire/contract/replies'
import type { Task, TaskChanges, TaskDraft, TaskMove } from '@taskwire/contract/task'
import type { TaskFilter, TaskSort } from '@taskwire/contract/task-filter'
import type { Live } from './live.ts'
import type { EditProcedure, MendedValues } from './edit.ts'
import type { ConflictingEdit, RefusedEdit, SyncStatus } from './sync-status.ts'

/** Reads and edits the tasks of a store. Edits resolve once they are on the disk; they are sent in the background. */
export interface StoredTasks {
  /** Returns the tasks that match `filter`, in the order of `sort`, by default the newest first. */
  query(filter?: TaskFilter, sort?: TaskSort): Live<readonly Task[]>
  /** Counts the tasks that match `filter`. */
  count(filter?: TaskFilter): Live<Counts>
  /** Returns one task, even if it is in the trash; undefined if there is none. */
  get(id: string): Live<Task | undefined>
  /** Returns the tags in use, and how many tasks outside the trash have each. */
  tags(): Live<readonly TagCount[]>
  /** Creates a task. Returns it as the store shows it; it has its final id. */
  create(draft: TaskDraft): Promise<Task>
  /**
   * Sets the fields that `changes` has. They replace what the store shows now, or what `seen` has: from a form that was
   * open for a while, pass the task that it showed. A value that was changed elsewhere since then is a conflict.
   */
  update(id: string, changes: TaskChanges, options?: { seen?: Task | undefined }): Promise<void>
  /** Completes a task, or reopens it. */
  complete(id: string, complete?: boolean): Promise<void>
  /** Moves a task to the list `listId` (null: the inbox; absent: it stays), after a task of it (null: first; absent: last). */
  move(id: string, to: Pick<TaskMove, 'listId' | 'after'>): Promise<void>
  /** Moves a task to the trash. */
  delete(id: string): Promise<void>
  /** Takes a task out of the trash. */
  restore(id: string): Promise<void>
  /** Erases a task for good, unless someone else has changed it meanwhile. */
  purge(id: string): Promise<void>
}

/** Reads and edits the lists of a store. */
export interface StoredLists {
  /** Returns all lists, in order. */
  query(): Live<readonly List[]>
  /** Creates a list. Returns it as the store shows it; it has its final id. */
  create(draft: Omit<ListCreate, 'mutationId'>): Promise<List>
  /** Renames a list, or moves it after another one. */
  update(id: string, changes: ListChanges): Promise<void>
  /** Deletes a list, and moves its tasks to the inbox or to the trash. */
  delete(id: string, tasks: 'inbox' | 'trash'): Promise<void>
}

type Refused = Pick<RefusedEdit, 'order' | 'state'>
type Conflicting = Pick<ConflictingEdit, 'order' | 'state'>

/**
 * What the user decides about edits that the service has not accepted. Each call resolves once it is on the disk. It
 * rejects with a StoreError NOT_FOUND if the edit is settled already, such as by another tab.
 */
export interface Decisions {
  /** Sends a refused edit again, as it is. */
  retry(edit: Refused): Promise<void>
  /**
   * Sends a refused edit, or one in conflict, with other values: `mend(edit, { title })`. What `values` does not name
   * stays as it is in the edit.
   */
  mend<P extends EditProcedure>(
    edit: (Refused | Conflicting) & { procedure: P },
    values: MendedValues[P],
  ): Promise<void>
  /** Gives a refused edit up, or one in conflict. With a create go all edits of its row. */
  dismiss(edit: Refused | Conflicting): Promise<void>
  /** Ends a conflict: `mine` sends the edit over what the row has now, `theirs` gives it up. */
  resolve(edit: Conflicting, keep: 'mine' | 'theirs'): Promise<void>
}

/**
 * A copy of the caller's space in the browser, which works offline. What it shows is the copy with the edits on top that
 * the service has not got yet.
 *
 * Edits reject with a StoreError: NOT_FOUND, IN_TRASH, STORAGE_FULL, STORAGE_FAILED, OTHER_ACCOUNT, OUTDATED or CLOSED.
 * Such an edit was not made. Values are not checked: what the service refuses later is in `sync`.
 */
export interface Store extends Decisions {
  /** The id of the account whose store this is. */
  readonly account: string
  /** The id of the space. */
  readonly space: string
  readonly tasks: StoredTasks
  readonly lists: StoredLists
  readonly sync: Live<SyncStatus>
  /** The account's IANA time zone, by which `today` and `overdue` are meant; the browser's until it is known. */
  readonly timeZone: Live<string>
  /** Tries again now: call it after the user has signed in again. */
  resume(): void
  /** Ends the sync of this tab and closes the store. What is in it stays. */
  close(): Promise<void>
  /**
   * Closes the store in every tab and deletes it from the browser.
   * @throws StoreError UNSENT if there are edits that the service has not got, unless `unsent` is `discard`
   */
  erase(options?: { unsent: 'discard' }): Promise<void>
}
