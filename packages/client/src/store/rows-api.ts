import { v7 as uuidv7 } from 'uuid'
import { newList, newTask } from './effects.ts'
import { liveCounts, liveLists, liveTags, liveTask, liveTasks } from './live-tasks.ts'
import type { Queue } from './queue.ts'
import type { StoredLists, StoredTasks } from './store-api.ts'
import type { View } from './view.ts'

type Add = Queue['add']

/** Queues an edit, and returns nothing. */
const editing =
  (add: Add) =>
  async (...edit: Parameters<Add>): Promise<void> => {
    await add(...edit)
  }
const idOf = ({ id = uuidv7() }: { id?: string | undefined }): string => id.toLowerCase()

export function storedTasks(view: View, add: Add): StoredTasks {
  const edit = editing(add)
  const update: StoredTasks['update'] = async (id, { dueDate, ...changes }, { seen } = {}) => {
    // The date is moved on what the user saw.
    const due = dueDate === undefined ? undefined : { ...(seen ?? view.task(id))?.due, date: dueDate }
    await edit({ procedure: 'tasks.update', input: { id, changes: { ...changes, ...(due && { due }) } } }, seen)
  }
  return {
    query(filter = {}, sort = { by: 'createdAt', direction: 'desc' }) {
      if (sort.by === 'position' && typeof filter.listId !== 'string' && filter.listId !== null)
        throw new TypeError('Tasks have positions within one list only: to sort by position, filter by one listId')
      return liveTasks(view, filter, sort)
    },
    count: (filter = {}) => liveCounts(view, filter),
    get: (id) => liveTask(view, id),
    tags: () => liveTags(view),
    async create(draft) {
      const input = { ...draft, id: idOf(draft) }
      const made = await add({ procedure: 'tasks.create', input })
      // It is stored, even if the view cannot show it.
      return view.task(input.id) ?? newTask({ ...made, input }, view)
    },
    update,
    complete: async (id, complete = true) => await update(id, { complete }),
    move: async (id, to) => await edit({ procedure: 'tasks.move', input: { ...to, id } }),
    delete: async (id) => await edit({ procedure: 'tasks.delete', input: { id } }),
    restore: async (id) => await edit({ procedure: 'tasks.restore', input: { id } }),
    purge: async (id) => await edit({ procedure: 'tasks.purge', input: { id } }),
  }
}

export function storedLists(view: View, add: Add): StoredLists {
  const edit = editing(add)
  return {
    query: () => liveLists(view),
    async create(draft) {
      const input = { ...draft, id: idOf(draft) }
      const made = await add({ procedure: 'lists.create', input })
      return view.list(input.id) ?? newList({ ...made, input }, view)
    },
    update: async (id, changes) => await edit({ procedure: 'lists.update', input: { id, changes } }),
    delete: async (id, tasks) => await edit({ procedure: 'lists.delete', input: { id, tasks } }),
  }
}
