import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import { v7 as uuidv7 } from 'uuid'
import { defined, type Wish } from './edit.ts'
import { liveCounts, liveLists, liveTags, liveTask, liveTasks } from './live-tasks.ts'
import type { StoredLists, StoredTasks } from './store-api.ts'
import { StoreError } from './store-error.ts'
import type { View } from './view.ts'

type Add = (wish: Wish, seen?: Task | undefined) => Promise<void>

export function storedTasks(view: View, add: Add): StoredTasks {
  const update: StoredTasks['update'] = async (id, { dueDate, ...changes }, { seen } = {}) => {
    // The date is moved on what the user saw.
    const due = dueDate === undefined ? undefined : { ...(seen ?? view.task(id))?.due, date: dueDate }
    await add({ procedure: 'tasks.update', input: { id, changes: defined({ ...changes, ...(due && { due }) }) } }, seen)
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
      const id = draft.id ?? uuidv7()
      await add({ procedure: 'tasks.create', input: { ...defined(draft), id } })
      return shown<Task>(view.task(id))
    },
    update,
    complete: async (id, complete = true) => await update(id, { complete }),
    move: async (id, to) => await add({ procedure: 'tasks.move', input: { ...defined(to), id } }),
    delete: async (id) => await add({ procedure: 'tasks.delete', input: { id } }),
    restore: async (id) => await add({ procedure: 'tasks.restore', input: { id } }),
    purge: async (id) => await add({ procedure: 'tasks.purge', input: { id } }),
  }
}

export function storedLists(view: View, add: Add): StoredLists {
  return {
    query: () => liveLists(view),
    async create(draft) {
      const id = draft.id ?? uuidv7()
      await add({ procedure: 'lists.create', input: { ...defined(draft), id } })
      return shown<List>(view.list(id))
    },
    update: async (id, changes) => await add({ procedure: 'lists.update', input: { id, changes: defined(changes) } }),
    delete: async (id, tasks) => await add({ procedure: 'lists.delete', input: { id, tasks } }),
  }
}

function shown<R>(row: R | undefined): R {
  if (row === undefined)
    throw new StoreError('NOT_FOUND', 'The row was deleted by another tab directly after it was created')
  return row
}
