import type { TagRename, Task, TaskBulk, TaskChanges, TaskDraft } from '@taskwire/contract'
import { matches } from './queries.ts'
import {
  type Changed,
  type Clock,
  difference,
  insert,
  NOW,
  type Outcome,
  refuse,
  type Row,
  type RowChange,
  type State,
} from './state.ts'
import { keyOf, trimLine, mergeTags } from './text.ts'
import { dueAtOf } from './time.ts'

/** Returns a task with these changes. */
export function changed(task: Task, changes: TaskChanges): Task {
  const next: Task = { ...task }
  const { title, description, complete, priority, tags, due, dueDate } = changes
  if (title !== undefined) next.title = trimLine(title)
  if (description !== undefined) next.description = description?.normalize('NFC') ?? null
  if (priority !== undefined) next.priority = priority
  if (tags !== undefined) next.tags = mergeTags(tags.map(trimLine))
  if (due !== undefined) next.due = due
  if (dueDate !== undefined)
    next.due = task.due?.time === undefined ? { date: dueDate } : { ...task.due, date: dueDate }
  if (complete !== undefined && complete !== task.complete) {
    next.complete = complete
    next.completedAt = complete ? NOW : null
  }
  next.dueAt = dueAtOf(next.due)
  return next
}

/** Returns the action of a Change, which depends on the fields that differ, not on the procedure. */
export function actionOf(before: Row, after: Row): string {
  if ((before['deletedAt'] === null) !== (after['deletedAt'] === null))
    return after['deletedAt'] === null ? 'restore' : 'delete'
  if (before['complete'] !== after['complete']) return after['complete'] === true ? 'complete' : 'reopen'
  if (before['listId'] !== after['listId'] || before['position'] !== after['position']) return 'move'
  return 'update'
}

/** Returns no change if nothing differs. */
export function update(before: Task, after: Task): RowChange[] {
  const rows: [Row, Row] = [{ ...before }, { ...after }]
  if (difference(...rows).length === 0) return []
  return [{ entity: 'task', id: before.id, action: actionOf(...rows), after: rows[1] }]
}

function rowFromDraft(draft: TaskDraft): Row {
  const { id, title, description = null, listId = null, complete = false, priority = 'none' } = draft
  const { tags = [], due = null } = draft
  return {
    id,
    title: trimLine(title),
    description: description?.normalize('NFC') ?? null,
    listId,
    complete,
    completedAt: complete ? NOW : null,
    priority,
    tags: mergeTags(tags.map(trimLine)),
    due,
    dueAt: dueAtOf(due),
    createdAt: NOW,
    deletedAt: null,
  }
}

/** Creates all tasks one after the other, or none. */
export function create(state: State, drafts: readonly TaskDraft[]): Outcome {
  const codes: string[] = []
  const order = new Map(state.order)
  const changes = drafts.map((draft): RowChange => {
    const { id = '', listId = null, after } = draft
    if (state.tasks.has(id) || state.usedIds.has(id)) codes.push('ALREADY_EXISTS')
    const siblings = order.get(listId) ?? []
    if (listId !== null && !state.lists.has(listId)) codes.push('NOT_FOUND')
    if (typeof after === 'string' && !siblings.includes(after)) codes.push('NOT_FOUND')
    order.set(listId, insert(siblings, id, after))
    return { entity: 'task', id, action: 'create', placed: true, after: rowFromDraft(draft) }
  })
  return codes.length > 0 ? refuse(...codes) : { changes, order }
}

const without = (order: readonly string[] = [], id: string): string[] => order.filter((other) => other !== id)

export function move(state: State, tasks: readonly Task[], listId: string | null, after?: string | null): Changed {
  const order = new Map(state.order)
  const changes: RowChange[] = []
  for (const task of tasks) {
    const was = order.get(listId) ?? []
    const next = insert(was, task.id, after)
    if (task.listId !== listId) order.set(task.listId, without(order.get(task.listId), task.id))
    order.set(listId, next)
    if (task.listId !== listId || next.join() !== was.join())
      changes.push({ entity: 'task', id: task.id, action: 'move', placed: true, after: { ...task, listId } })
  }
  return { changes, order }
}

export function remove(state: State, tasks: readonly Task[]): Changed {
  const order = new Map(state.order)
  const live = tasks.filter(({ deletedAt }) => deletedAt === null)
  for (const { id, listId } of live) order.set(listId, without(order.get(listId), id))
  return {
    changes: live.map((task) => ({
      entity: 'task',
      id: task.id,
      action: 'delete',
      after: { ...task, deletedAt: NOW },
    })),
    order,
  }
}

/** Restores each task to the end of its list. */
export function restore(state: State, tasks: readonly Task[]): Changed {
  const order = new Map(state.order)
  const trashed = tasks.filter(({ deletedAt }) => deletedAt !== null)
  for (const { id, listId } of trashed) order.set(listId, insert(order.get(listId) ?? [], id, undefined))
  return {
    changes: trashed.map((task) => ({
      entity: 'task',
      id: task.id,
      action: 'restore',
      placed: true,
      after: { ...task, deletedAt: null },
    })),
    order,
  }
}

export function purge(state: State, tasks: readonly Task[]): Changed {
  const order = new Map(state.order)
  for (const { id, listId } of tasks) order.set(listId, without(order.get(listId), id))
  return { changes: tasks.map(({ id }) => ({ entity: 'task', id, action: 'purge', after: null })), order }
}

export function bulk(state: State, input: TaskBulk, clock: Clock): Outcome {
  const { action, ids, maxAffected = 10_000, filter = {} } = input
  const found = ids?.map((id) => state.tasks.get(id))
  const tasks =
    found?.filter((task) => task !== undefined) ??
    [...state.tasks.values()].filter((task) => matches(task, filter, clock))
  const codes: string[] = []
  if (found?.includes(undefined) === true) codes.push('NOT_FOUND')
  if (action.type === 'move' && action.listId !== null && !state.lists.has(action.listId)) codes.push('NOT_FOUND')
  const needsLive = action.type === 'update' || action.type === 'complete' || action.type === 'move'
  if (needsLive && tasks.some(({ deletedAt }) => deletedAt !== null)) codes.push('IN_TRASH')
  const outcome = actOn(state, tasks, action)
  if (outcome.changes.length > maxAffected) codes.push('LIMIT_EXCEEDED')
  return codes.length > 0 ? refuse(...codes) : { ...outcome, anyOrder: ids === undefined }
}

function actOn(state: State, tasks: readonly Task[], action: TaskBulk['action']): Changed {
  switch (action.type) {
    case 'update':
      return { changes: tasks.flatMap((task) => update(task, changed(task, action.changes))) }
    case 'complete':
      return { changes: tasks.flatMap((task) => update(task, changed(task, action))) }
    case 'move': {
      const elsewhere = tasks.filter(({ listId }) => listId !== action.listId)
      return move(state, elsewhere, action.listId)
    }
    case 'delete':
      return remove(state, tasks)
    case 'restore':
      return restore(state, tasks)
    case 'purge':
      return purge(state, tasks)
  }
}

/** Renames a tag on every task that has it, also in the trash. Two equal tags of a task merge. */
export function rename(state: State, { from, to }: TagRename): Outcome {
  const both = new Set([keyOf(trimLine(from)), keyOf(trimLine(to))])
  const changes = [...state.tasks.values()]
    .filter(({ tags }) => tags.some((tag) => keyOf(tag) === keyOf(trimLine(from))))
    .flatMap((task) => {
      const tags = mergeTags(task.tags.map((tag) => (both.has(keyOf(tag)) ? trimLine(to) : tag)))
      return update(task, { ...task, tags })
    })
  return { changes, anyOrder: true }
}
