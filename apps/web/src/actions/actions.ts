import type { Task, TaskDraft } from '@taskwire/client'
import type { Store } from '@taskwire/client/store'
import { type Done, perform, quoted, type Reports } from './done.ts'
import { type ListActions, listActions } from './list-actions.ts'
import { type PlaceActions, placeActions } from './place-actions.ts'
import { type TaskActions, taskActions } from './task-actions.ts'

/**
 * Everything that the page does to tasks and lists. Each is reported, so that it can be undone. Errors are reported too,
 * and only `add` rejects.
 */
export interface Actions extends TaskActions, PlaceActions, ListActions {
  /** Creates a task, and before that the list `newList` if it is given. */
  add(draft: TaskDraft, newList?: string): Promise<Task>
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
    ...listActions(store, reports),
    async add(draft, newList) {
      const known = lists.query().get()
      const place = newList ?? known.find(({ id }) => id === draft.listId)?.name
      const added = await perform(reports, {
        text: `Added ${quoted(draft.title)}${place === undefined ? '' : ` to ${quoted(place)}`}`,
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
    report: reports.done,
    reportProblem: reports.problem,
  }
}
