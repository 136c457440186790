import type { ListCreate, ListDelete, ListUpdate } from '@taskwire/contract'
import { byPosition, insert, NOW, type Outcome, refuse, type RowChange, type State } from './state.ts'
import { keyOf, trimLine } from './text.ts'

const orderOf = (state: State): string[] => byPosition(state.lists.values()).map(({ id }) => id)

function refusals(state: State, id: string, { name, after }: ListUpdate['changes']): string[] {
  const others = [...state.lists.values()].filter((list) => list.id !== id)
  return [
    ...(name !== undefined && others.some((list) => keyOf(list.name) === keyOf(trimLine(name)))
      ? ['ALREADY_EXISTS']
      : []),
    ...(typeof after === 'string' && !state.lists.has(after) ? ['NOT_FOUND'] : []),
  ]
}

export function createList(state: State, { id = '', name, after }: ListCreate): Outcome {
  const codes = refusals(state, id, { name, after })
  if (state.lists.has(id) || state.usedIds.has(id)) codes.push('ALREADY_EXISTS')
  if (codes.length > 0) return refuse(...codes)
  const row = { id, name: trimLine(name), createdAt: NOW }
  return {
    changes: [{ entity: 'list', id, action: 'create', placed: true, after: row }],
    lists: insert(orderOf(state), id, after),
  }
}

export function updateList(state: State, { id, changes, expectedRevision }: ListUpdate): Outcome {
  const { name, after } = changes
  if (after === id) return refuse('VALIDATION')
  const list = state.lists.get(id)
  if (list === undefined) return refuse('NOT_FOUND')
  const codes = refusals(state, id, changes)
  if (expectedRevision !== undefined && expectedRevision !== list.revision) codes.push('REVISION_CONFLICT')
  if (codes.length > 0) return refuse(...codes)
  const was = orderOf(state)
  const lists = after === undefined ? was : insert(was, id, after)
  const moved = lists.join() !== was.join()
  const next = { ...list, name: name === undefined ? list.name : trimLine(name) }
  if (!moved && next.name === list.name) return { changes: [] }
  const action = next.name === list.name ? 'move' : 'update'
  return { changes: [{ entity: 'list', id, action, placed: moved, after: next }], lists }
}

/**
 * Deletes a list. Its tasks go to the inbox or to the trash; its tasks that are in the trash already lose their list.
 */
export function deleteList(state: State, { id, tasks: to, expectedRevision }: ListDelete): Outcome {
  const list = state.lists.get(id)
  if (list === undefined) return refuse('NOT_FOUND')
  if (expectedRevision !== undefined && expectedRevision !== list.revision) return refuse('REVISION_CONFLICT')
  const live = state.order.get(id) ?? []
  const order = new Map(state.order)
  order.delete(id)
  if (to === 'inbox') order.set(null, [...(order.get(null) ?? []), ...live])
  const tasks = [...state.tasks.values()].filter(({ listId }) => listId === id)
  const changes = tasks.map((task): RowChange => {
    const isTrashed = task.deletedAt === null && to === 'trash'
    const after = { ...task, listId: null, deletedAt: isTrashed ? NOW : task.deletedAt }
    return { entity: 'task', id: task.id, action: isTrashed ? 'delete' : 'move', placed: true, after }
  })
  changes.push({ entity: 'list', id, action: 'delete', after: null })
  return { changes, order, anyOrder: true }
}
