import type { Change } from '@taskwire/contract'
import { actionOf } from './plan-tasks.ts'
import {
  difference,
  NOW,
  type Outcome,
  refuse,
  type Row,
  type RowChange,
  rowOf,
  sameValue,
  type State,
} from './state.ts'
import { key } from './text.ts'

/** Collects what undoing takes, and why it may not be. */
interface Undoing {
  state: State
  commit: Change[]
  codes: Set<string>
  changes: RowChange[]
}

const held = (row: Row, after: Row | null): boolean =>
  Object.entries(after ?? {}).every(
    ([name, value]) => name === 'revision' || name === 'updatedAt' || sameValue(row[name], value),
  )

/** Undoes a whole commit, if all that it set still holds. */
export function planRevert(state: State, revision: number): Outcome {
  const change = state.log[revision - 1]
  if (change === undefined) return refuse('NOT_FOUND')
  const commit = state.log.filter((other) => other.commit === change.commit)
  const undoing: Undoing = { state, commit, codes: new Set(), changes: [] }
  for (const one of commit) {
    const kept = one.entity === 'task' || one.entity === 'list'
    if (!kept || one.redacted === true || one.action === 'purge') undoing.codes.add('NOT_REVERTIBLE')
    else if (one.entity === 'list') undoList(undoing, one)
    else undoTask(undoing, one)
  }
  if (undoing.codes.size > 0) return refuse(...undoing.codes)
  return { changes: undoing.changes, anyOrder: true, anyPlace: true }
}

function undoTask({ state, commit, codes, changes }: Undoing, { entityId: id, before, after }: Change): void {
  const task = rowOf(state, { entity: 'task', id })
  if (task === undefined) {
    codes.add('NOT_REVERTIBLE')
    return
  }
  if (!held(task, after)) codes.add('REVISION_CONFLICT')
  // A creation is undone into the trash.
  const next: Row = before === null ? { ...task, deletedAt: NOW } : { ...task, ...before }
  const listId = next['listId']
  const comesBack = commit.some((other) => other.entityId === listId && other.after === null)
  if (typeof listId === 'string' && before !== null && !state.lists.has(listId) && !comesBack)
    codes.add('NOT_REVERTIBLE')
  changes.push({ entity: 'task', id, action: actionOf(task, next), placed: before !== null, after: next })
}

function undoList(undoing: Undoing, { entityId: id, before, after }: Change): void {
  const { state, codes, changes } = undoing
  const list = rowOf(state, { entity: 'list', id })
  if (after === null ? list !== undefined : list !== undefined && !held(list, after)) codes.add('REVISION_CONFLICT')
  if (after !== null && list === undefined) codes.add('REVISION_CONFLICT').add('NOT_REVERTIBLE')
  const name = before?.['name']
  if ([...state.lists.values()].some((other) => other.id !== id && key(other.name) === key(String(name))))
    codes.add('NOT_REVERTIBLE')
  if (before === null) unmake(undoing, id)
  else if (after === null) {
    const row = { id, name, createdAt: before['createdAt'] }
    changes.push({ entity: 'list', id, action: 'create', placed: true, after: row })
  } else if (list !== undefined) {
    const next = { ...list, ...before }
    const action = next['name'] === list['name'] ? 'move' : 'update'
    if (difference(list, next).length > 0) changes.push({ entity: 'list', id, action, placed: true, after: next })
  }
}

/** A list that was made goes if no live task stays in it; those in the trash lose it. */
function unmake({ state, commit, codes, changes }: Undoing, id: string): void {
  for (const task of state.tasks.values()) {
    const leaves = commit.some((other) => other.entityId === task.id && other.before?.['listId'] !== undefined)
    if (task.listId !== id || leaves) continue
    if (task.deletedAt === null) codes.add('NOT_REVERTIBLE')
    else changes.push({ entity: 'task', id: task.id, action: 'move', placed: true, after: { ...task, listId: null } })
  }
  changes.push({ entity: 'list', id, action: 'delete', after: null })
}
