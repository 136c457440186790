import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import { mergeTags } from '@taskwire/contract/text-key'
import { defined, type Edit, valuesOf } from './edit.ts'
import { EMPTY_LIST, EMPTY_TASK } from './empty.ts'
import { firstPlace, lastPlace, placeAfter } from './places.ts'
import { dueAtOf } from './query/due-at.ts'
import type { RowEntry } from './rows.ts'

/** Whose edits they are. */
export interface Owner {
  account: string
  space: string
}

/** The rows as they are before an edit. */
export interface Before extends Owner {
  task(id: string): Task | undefined
  list(id: string): List | undefined
  tasksOf(listId: string): Iterable<Task>
}

type EditOf<P extends Edit['procedure']> = Extract<Edit, { procedure: P }>

/** Returns the rows that an edit changes, in the way in which the service will change them. */
export function effectOf(edit: Edit, before: Before): RowEntry[] {
  const { id } = edit.input
  switch (edit.procedure) {
    case 'lists.create':
    case 'lists.update':
      return [{ entity: 'list', id, row: listAfter(edit, before) ?? null }]
    case 'lists.delete':
      return [{ entity: 'list', id, row: null }, ...tasksOfDeleted(edit, before)]
    case 'tasks.create':
      return [{ entity: 'task', id, row: before.task(id) ?? newTask(edit, before) }]
    default: {
      const task = before.task(id)
      return task === undefined ? [] : [{ entity: 'task', id, row: changedTask(edit, task, before) }]
    }
  }
}

/** Returns the task that an edit creates. */
export function newTask(
  { order, input, madeAt }: Pick<EditOf<'tasks.create'>, 'order' | 'input' | 'madeAt'>,
  before: Pick<Before, 'account' | 'space' | 'task'>,
): Task {
  const { after, ...given } = input
  const empty: Task = {
    ...EMPTY_TASK,
    id: input.id,
    spaceId: before.space,
    userId: before.account,
    listId: null,
    completedAt: null,
    dueAt: null,
    position: place(order, after, before.task),
    revision: 0,
    createdAt: madeAt,
    updatedAt: madeAt,
    deletedAt: null,
  }
  return withDerived({ ...empty, ...defined(given) }, empty)
}

function changedTask(
  edit: Exclude<EditOf<`tasks.${string}` & Edit['procedure']>, EditOf<'tasks.create'>>,
  task: Task,
  before: Before,
): Task | null {
  const changed = { ...task, updatedAt: edit.madeAt }
  switch (edit.procedure) {
    case 'tasks.update':
      return withDerived({ ...changed, ...valuesOf(edit) }, task)
    case 'tasks.move':
      return { ...changed, ...valuesOf(edit), position: place(edit.order, edit.input.after, before.task) }
    case 'tasks.delete':
      return { ...changed, deletedAt: task.deletedAt ?? edit.madeAt }
    case 'tasks.restore':
      return task.deletedAt === null ? task : { ...changed, deletedAt: null, position: lastPlace(edit.order) }
    case 'tasks.purge':
      return null
  }
}

/** Sets the fields that the service derives from others, and merges the tags as it does. */
function withDerived(task: Task, { tags, complete, completedAt, due, dueAt }: Task): Task {
  return {
    ...task,
    tags: task.tags === tags ? tags : mergeTags(task.tags.map((tag) => tag.trim())),
    completedAt: task.complete === complete ? completedAt : task.complete ? task.updatedAt : null,
    dueAt: task.due === due ? dueAt : dueAtOf(task.due),
  }
}

/** Returns the list that an edit creates. */
export function newList(
  { order, input, madeAt }: Pick<EditOf<'lists.create'>, 'order' | 'input' | 'madeAt'>,
  before: Pick<Before, 'list'>,
): List {
  const { after, ...given } = input
  const position = place(order, after, before.list)
  const empty = { ...EMPTY_LIST, position, revision: 0, createdAt: madeAt, updatedAt: madeAt }
  return { ...empty, ...defined(given) }
}

function listAfter(edit: EditOf<'lists.create' | 'lists.update'>, before: Before): List | undefined {
  const { order, madeAt } = edit
  const list = before.list(edit.input.id)
  if (edit.procedure === 'lists.create') return list ?? newList(edit, before)
  if (list === undefined) return undefined
  const { after } = edit.input.changes
  const position = after === undefined ? list.position : place(order, after, before.list)
  return { ...list, ...valuesOf(edit), position, updatedAt: madeAt }
}

/** Returns the tasks of a deleted list, in the inbox or in the trash. */
function tasksOfDeleted({ order, input, madeAt }: EditOf<'lists.delete'>, before: Before): RowEntry[] {
  return [...before.tasksOf(input.id)].map((task) => {
    const moved = { ...task, listId: null, updatedAt: madeAt }
    const isLive = task.deletedAt === null
    // In the order in which they were in the list.
    if (isLive && input.tasks === 'inbox') moved.position = `${lastPlace(order)}${task.position}`
    if (isLive && input.tasks === 'trash') moved.deletedAt = madeAt
    return { entity: 'task', id: task.id, row: moved }
  })
}

/** Returns the position after the row `after` (null: first; absent: last). */
function place(
  order: number,
  after: string | null | undefined,
  find: (id: string) => { position: string } | undefined,
): string {
  if (after === null) return firstPlace(order)
  const before = after === undefined ? undefined : find(after)
  return before === undefined ? lastPlace(order) : placeAfter(before.position, order)
}
