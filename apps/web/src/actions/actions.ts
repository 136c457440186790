import type { List, Task, TaskChanges, TaskDraft } from '@taskwire/client'
import type { Store } from '@taskwire/client/store'

/** What the user has done, and how it is undone. */
export interface Done {
  /** For the user, such as `Completed “Buy milk”`. */
  text: string
  undo(): Promise<void>
}

/**
 * Everything that the page does to tasks and lists. Each is reported, so that it can be undone. Errors are reported too,
 * and only `add` and `addList` reject.
 */
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

export interface Reports {
  done(done: Done): void
  /** Something was not done, for this reason. */
  problem(message: string): void
}

export function createActions({ tasks, lists }: Store, reports: Reports): Actions {
  /**
   * Does something that can be undone. It is reported at once: if the user undoes it before it is stored, that waits.
   * Errors are reported too.
   */
  async function perform<T>(text: string, act: () => Promise<T>, undo: (result: T) => Promise<void>): Promise<T> {
    const acting = act()
    reports.done({ text, undo: async () => await undo(await acting) })
    return await acting
  }
  async function attempt(act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (error) {
      reports.problem(error instanceof Error ? error.message : String(error))
    }
  }
  /** Does something to each task, in order. */
  async function forEach(
    all: readonly Task[],
    text: string,
    act: (task: Task) => Promise<void>,
    undo: (task: Task) => Promise<void>,
  ): Promise<void> {
    const inTurn = async (ordered: readonly Task[], each: typeof act): Promise<void> => {
      for (const task of ordered) await each(task)
    }
    await attempt(
      async () =>
        await perform(
          text,
          async () => await inTurn(all, act),
          async () => await inTurn(all.toReversed(), undo),
        ),
    )
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
    add: async (draft, newList) =>
      (
        await perform(
          `Added “${draft.title}”`,
          async () => {
            const list = newList === undefined ? undefined : await lists.create({ name: newList })
            return { list, task: await tasks.create({ ...draft, ...(list && { listId: list.id }) }) }
          },
          async ({ list, task }) => {
            await tasks.delete(task.id)
            if (list !== undefined) await lists.delete(list.id, 'trash')
          },
        )
      ).task,
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
      await attempt(async () => {
        for (const { id } of all) await tasks.purge(id)
      })
    },
    addList: async (name) =>
      await perform(
        `Added the list “${name}”`,
        async () => await lists.create({ name }),
        async ({ id }) => await lists.delete(id, 'inbox'),
      ),
    async renameList({ id, name: was }, name) {
      const rename = async (to: string): Promise<void> => await lists.update(id, { name: to })
      const text = `Renamed “${was}” to “${name}”`
      await attempt(
        async () =>
          await perform(
            text,
            async () => await rename(name),
            async () => await rename(was),
          ),
      )
    },
    async placeList({ id, name }, after) {
      const all = lists.query().get()
      const was = all[all.findIndex((list) => list.id === id) - 1]?.id ?? null
      const place = async (to: string | null): Promise<void> => await lists.update(id, { after: to })
      await attempt(
        async () =>
          await perform(
            `Moved the list “${name}”`,
            async () => await place(after),
            async () => await place(was),
          ),
      )
    },
    async deleteList({ id }, rest) {
      await attempt(async () => await lists.delete(id, rest))
    },
    report: reports.done,
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
