import type { List, Task, TaskChanges, TaskDraft } from '@taskwire/client'
import type { Store } from '@taskwire/client/store'

/** What the user has done, and how it is undone. */
export interface Done {
  /** For the user, such as `Completed “Buy milk”`. */
  text: string
  undo(): Promise<void>
}

/** Everything that the page does to tasks and lists. Each is reported, so that it can be undone. */
export interface Actions {
  /** Creates a task, and before that the list `newList` if it is given. */
  add(draft: TaskDraft, newList?: string): Promise<Task>
  complete(tasks: readonly Task[], complete: boolean): Promise<void>
  update(tasks: readonly Task[], changes: TaskChanges): Promise<void>
  /** Moves tasks to the end of a list; null: the inbox. */
  move(tasks: readonly Task[], listId: string | null): Promise<void>
  /** Places a task after another one of the list; null: first. */
  place(task: Task, listId: string | null, after: string | null): Promise<void>
  trash(tasks: readonly Task[]): Promise<void>
  restore(tasks: readonly Task[]): Promise<void>
  /** Erases tasks for good. Ask the user first. */
  purge(tasks: readonly Task[]): Promise<void>
  addList(name: string): Promise<List>
  renameList(list: List, name: string): Promise<void>
  /** Places a list after another one; null: first. */
  placeList(list: List, after: string | null): Promise<void>
  /** Deletes a list. Ask the user first. */
  deleteList(list: List, tasks: 'inbox' | 'trash'): Promise<void>
  /** Reports what was done by other means, such as an import, so that it can be undone. */
  report(done: Done): void
}

export function createActions({ tasks, lists }: Store, report: (done: Done) => void): Actions {
  /** Does something to each task, in order, and reports it. */
  async function forEach(
    all: readonly Task[],
    text: string,
    act: (task: Task) => Promise<void>,
    undo: (task: Task) => Promise<void>,
  ): Promise<void> {
    for (const task of all) await act(task)
    report({
      text,
      async undo() {
        for (const task of all.toReversed()) await undo(task)
      },
    })
  }
  /** Returns a function that puts tasks back to where they are now. Put them back in reverse. */
  function placesOf(all: readonly Task[]): (task: Task) => Promise<void> {
    const places = new Map(all.map((task) => [task.id, placeOf(task)]))
    return async ({ id, listId }) => await tasks.move(id, { listId, after: places.get(id) ?? null })
  }
  /** Returns the task after which a task stands in its list; null if it is the first. */
  function placeOf({ id, listId }: Task): string | null {
    const siblings = tasks.query({ listId }, { by: 'position', direction: 'asc' }).get()
    return siblings[siblings.findIndex((task) => task.id === id) - 1]?.id ?? null
  }
  const nameOf = (listId: string | null): string => {
    const list = lists
      .query()
      .get()
      .find(({ id }) => id === listId)
    return list === undefined ? 'the inbox' : `“${list.name}”`
  }

  return {
    async add(draft, newList) {
      const list = newList === undefined ? undefined : await lists.create({ name: newList })
      const task = await tasks.create({ ...draft, ...(list && { listId: list.id }) })
      report({
        text: `Added “${task.title}”`,
        async undo() {
          await tasks.delete(task.id)
          if (list !== undefined) await lists.delete(list.id, 'trash')
        },
      })
      return task
    },
    async complete(all, complete) {
      const changing = all.filter((task) => task.complete !== complete)
      await forEach(
        changing,
        `${complete ? 'Completed' : 'Reopened'} ${named(changing)}`,
        async ({ id }) => await tasks.complete(id, complete),
        async ({ id }) => await tasks.complete(id, !complete),
      )
    },
    async update(all, changes) {
      await forEach(
        all,
        `Changed ${named(all)}`,
        async (task) => await tasks.update(task.id, changes, { seen: task }),
        async (task) => await tasks.update(task.id, valuesBefore(task, changes)),
      )
    },
    async move(all, listId) {
      const text = `Moved ${named(all)} to ${nameOf(listId)}`
      await forEach(all, text, async ({ id }) => await tasks.move(id, { listId }), placesOf(all))
    },
    async place(task, listId, after) {
      const text = `Moved ${named([task])}`
      await forEach([task], text, async ({ id }) => await tasks.move(id, { listId, after }), placesOf([task]))
    },
    async trash(all) {
      const putBack = placesOf(all)
      await forEach(
        all,
        `Moved ${named(all)} to the trash`,
        async ({ id }) => await tasks.delete(id),
        async (task) => {
          await tasks.restore(task.id)
          await putBack(task)
        },
      )
    },
    async restore(all) {
      await forEach(
        all,
        `Restored ${named(all)}`,
        async ({ id }) => await tasks.restore(id),
        async ({ id }) => await tasks.delete(id),
      )
    },
    async purge(all) {
      for (const { id } of all) await tasks.purge(id)
    },
    async addList(name) {
      const list = await lists.create({ name })
      report({ text: `Added the list “${name}”`, undo: async () => await lists.delete(list.id, 'inbox') })
      return list
    },
    async renameList(list, name) {
      await lists.update(list.id, { name })
      report({
        text: `Renamed “${list.name}” to “${name}”`,
        undo: async () => await lists.update(list.id, { name: list.name }),
      })
    },
    async placeList(list, after) {
      const all = lists.query().get()
      const was = all[all.findIndex(({ id }) => id === list.id) - 1]?.id ?? null
      await lists.update(list.id, { after })
      report({ text: `Moved the list “${list.name}”`, undo: async () => await lists.update(list.id, { after: was }) })
    },
    deleteList: async ({ id }, rest) => await lists.delete(id, rest),
    report,
  }
}

/** The values that a task had in the fields of `changes`. */
function valuesBefore(task: Task, changes: TaskChanges): TaskChanges {
  const { dueDate, ...fields } = changes
  const names = [...Object.keys(fields), ...(dueDate === undefined ? [] : ['due'])]
  return Object.fromEntries(Object.entries(task).filter(([field]) => names.includes(field)))
}

const named = (tasks: readonly Task[]): string => {
  const [only] = tasks
  return only !== undefined && tasks.length === 1 ? `“${only.title}”` : `${tasks.length} tasks`
}
