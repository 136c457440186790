import type { Task, TaskChanges } from '@taskwire/client'
import type { Store } from '@taskwire/client/store'
import { named, type Reports, toEach } from './done.ts'
import { isIn } from './tags.ts'

/** What the page does to the fields of tasks. */
export interface TaskActions {
  complete(tasks: readonly Task[], complete: boolean): Promise<void>
  update(tasks: readonly Task[], changes: TaskChanges): Promise<void>
  /**
   * Changes a task of which the user has seen this state: what was changed elsewhere since is a conflict. Returns whether
   * it is stored.
   */
  edit(seen: Task, changes: TaskChanges): Promise<boolean>
  addTag(tasks: readonly Task[], tag: string): Promise<void>
  removeTag(tasks: readonly Task[], tag: string): Promise<void>
}

export function taskActions({ tasks }: Store, reports: Reports): TaskActions {
  const setTags = async (
    all: readonly Task[],
    text: (done: readonly Task[]) => string,
    tagsAfter: (tags: readonly string[]) => string[],
  ): Promise<unknown> =>
    await toEach(all, reports, {
      text,
      act: async (task) => await tasks.update(task.id, { tags: tagsAfter(task.tags) }, { seen: task }),
      undo: async ({ id, tags }) => await tasks.update(id, { tags }),
    })
  async function change(all: readonly Task[], changes: TaskChanges): Promise<boolean> {
    // What is undone is what the change has replaced, which may be newer than what the user has seen.
    const before = new Map(all.map((seen) => [seen.id, valuesBefore(tasks.get(seen.id).get() ?? seen, changes)]))
    return await toEach(all, reports, {
      text: (some) => `Changed ${named(some)}`,
      act: async (task) => await tasks.update(task.id, changes, { seen: task }),
      undo: async ({ id }) => await tasks.update(id, before.get(id) ?? {}),
    })
  }
  return {
    async complete(all, complete) {
      const changing = all.filter((task) => task.complete !== complete)
      await toEach(changing, reports, {
        text: (some) => `${complete ? 'Completed' : 'Reopened'} ${named(some)}`,
        act: async ({ id }) => await tasks.complete(id, complete),
        undo: async ({ id }) => await tasks.complete(id, !complete),
      })
    },
    async update(all, changes) {
      await change(all, changes)
    },
    edit: async (seen, changes) => await change([seen], changes),
    async addTag(all, tag) {
      const changing = all.filter(({ tags }) => !isIn(tags, tag))
      await setTags(
        changing,
        (some) => `Tagged ${named(some)} @${tag}`,
        (tags) => [...tags, tag],
      )
    },
    async removeTag(all, tag) {
      const changing = all.filter(({ tags }) => isIn(tags, tag))
      const without = (tags: readonly string[]): string[] => tags.filter((other) => !isIn([other], tag))
      await setTags(changing, (some) => `Took @${tag} off ${named(some)}`, without)
    },
  }
}

/** The values that a task had in the fields of `changes`. */
function valuesBefore(task: Task, changes: TaskChanges): TaskChanges {
  const { dueDate, ...fields } = changes
  const names = [...Object.keys(fields), ...(dueDate === undefined ? [] : ['due'])]
  return Object.fromEntries(Object.entries(task).filter(([field]) => names.includes(field)))
}
