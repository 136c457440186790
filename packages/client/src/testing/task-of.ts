import type { Task } from '@taskwire/contract/task'

/** Returns a task with these fields; the others are those of a new task in the inbox. */
export function taskOf(fields: Partial<Task>): Task {
  return {
    id: '0193a1b2-0000-7000-8000-000000000000',
    spaceId: '0193a1b2-0000-7000-8000-0000000000aa',
    userId: '0193a1b2-0000-7000-8000-0000000000aa',
    listId: null,
    title: 'A task',
    description: null,
    complete: false,
    completedAt: null,
    priority: 'none',
    tags: [],
    due: null,
    dueAt: null,
    position: '80000000',
    revision: 1,
    createdAt: '2026-11-22T09:30:00.000Z',
    updatedAt: '2026-11-22T09:30:00.000Z',
    deletedAt: null,
    ...fields,
  }
}
