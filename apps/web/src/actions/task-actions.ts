import type { Task, TaskChanges } from '@taskwire/client'
import type { Store } from '@taskwire/client/store'
import { named, type Reports, toEach } from './done.ts'
import { isIn } from './tags.ts'

/** What the page does to the fields of tasks. */
export interface TaskActions {
  complete(tasks: readonly Task[], complete: boolean): Promise<void>
  update(tasks: readonly Task[], changes: TaskChanges): Promise<void>
  addTag(tasks: readonly Task[], tag: string): Promise<void>
  removeTag(tasks: readonly Task[], tag: string): Promise<void>
}

export function taskActions({ tasks }: Store, reports: Reports): TaskActions {
  const setTags = async (
    all: readonly Task[],
    text: string,
    tagsAfter: (tags: readonly string[]) => string[],
  ): Promise<void> =>
    await toEach(all, reports, {
      text,
      act: async (task) => await tasks.update(task.id, { tags: tagsAfter(task.tags) }, { seen: task }),
      undo: async ({ id, tags }) => await tasks.update(id, { tags }),
    })
  return {
    async complete(all, complete) {
      const changing = all.filter((task) => task.complete !== complete)
      await toEach(changing, reports, {
        text: `${complete ? 'Completed' : 'Reopened'} ${named(changing)}`,
        act: async ({ id }) => await tasks.complete(id, complete),
        undo: async ({ id }) => await tasks.complete(id, !complete),
      })
    },
    async update(all, changes) {
      await toEach(all, reports, {
        text: `Changed ${named(all)}`,
        act: async (task) => await tasks.update(task.id, changes, { seen: task }),
        undo: async (task) => await tasks.update(task.id, valuesBefore(task, changes)),
      })
    },
    async addTag(all, tag) {
      const changing = all.filter(({ tags }) => !isIn(tags, tag))
      await setTags(changing, `Tagged ${named(changing)} @${tag}`, (tags) => [...tags, tag])
    },
    async removeTag(all, tag) {
      const changing = all.filter(({ tags }) => isIn(tags, tag))
      const without = (tags: readonly string[]): string[] => tags.filter((other) => !isIn([other], tag))
      await setTags(changing, `Took @${tag} off ${named(changing)}`, without)
    },
  }
}

/** The values that a task had in the fields of `changes`. */
function valuesBefore(task: Task, changes: TaskChanges): TaskChanges {
  const { dueDate, ...fields } = changes
  const names = [...Object.keys(fields), ...(dueDate === undefined ? [] : ['due'])]
  return Object.fromEntries(Object.entries(task).filter(([field]) => names.includes(field)))
}
