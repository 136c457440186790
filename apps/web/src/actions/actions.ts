import type { List, Task, TaskDraft } from '@taskwire/client'
import type { Store } from '@taskwire/client/store'
import { attempt, type Done, perform, quoted, type Reports } from './done.ts'
import { type PlaceActions, placeActions } from './place-actions.ts'
import { type TaskActions, taskActions } from './task-actions.ts'

/**
 * Everything that the page does to tasks and lists. Each is reported, so that it can be undone. Errors are reported too,
 * and only `add` rejects.
 */
export interface Actions extends TaskActions, PlaceActions {
  /** Creates a task, and before that the list `newList` if it is given. */
  add(draft: TaskDraft, newList?: string): Promise<Task>
  /** Returns undefined if the list could not be stored. */
  addList(name: string): Promise<List | undefined>
  renameList(list: List, name: string): Promise<void>
  /** Places a list after another one; null: first. */
  placeList(list: List, after: string | null): Promise<void>
  /** Deletes a list. Ask the user first. */
  deleteList(list: List, tasks: 'inbox' | 'trash'): Promise<void>
  /** Reports what was done by other means, such as an import, so that it can be undone. */
  report(done: Done): void
  /** Says why something was not done by other means. */
  reportProblem(message: string): void
}

export function createActions(store: Store, reports: Reports): Actions {
  const { tasks, lists } = store
  return {
    ...taskActions(store, reports),
    ...placeActions(store, reports),
    async add(draft, newList) {
      const added = await perform(reports, {
        text: `Added ${quoted(draft.title)}`,
        async act() {
          const list = newList === undefined ? undefined : await lists.create({ name: newList })
          return { list, task: await tasks.create({ ...draft, ...(list && { listId: list.id }) }) }
        },
        async undo({ list, task }) {
          await tasks.delete(task.id)
          if (list !== undefined) await lists.delete(list.id, 'trash')
        },
      })
      return added.task
    },
    async addList(name) {
      const adding = {
        text: `Added the list ${quoted(name)}`,
        act: async () => await lists.create({ name }),
        undo: async ({ id }: List) => await lists.delete(id, 'inbox'),
      }
      return await attempt(reports, async () => await perform(reports, adding))
    },
    async renameList({ id, name: was }, name) {
      const renaming = {
        text: `Renamed ${quoted(was)} to ${quoted(name)}`,
        act: async () => await lists.update(id, { name }),
        undo: async () => await lists.update(id, { name: was }),
      }
      await attempt(reports, async () => await perform(reports, renaming))
    },
    async placeList({ id, name }, after) {
      const all = lists.query().get()
      const was = all[all.findIndex((list) => list.id === id) - 1]?.id ?? null
      const placing = {
        text: `Moved the list ${quoted(name)}`,
        act: async () => await lists.update(id, { after }),
        undo: async () => await lists.update(id, { after: was }),
      }
      await attempt(reports, async () => await perform(reports, placing))
    },
    async deleteList({ id }, rest) {
      await attempt(reports, async () => await lists.delete(id, rest))
    },
    report: reports.done,
    reportProblem: reports.problem,
  }
}
