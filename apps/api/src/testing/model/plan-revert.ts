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
import { keyOf } from './text.ts'

/** Collects the changes of a revert, and the codes that it may be refused with. */
interface Reverting {
  state: State
  commit: Change[]
  codes: Set<string>
  changes: RowChange[]
}

const hasValuesOf = (row: Row, after: Row | null): boolean =>
  Object.entries(after ?? {}).every(
    ([name, value]) => name === 'revision' || name === 'updatedAt' || sameValue(row[name], value),
  )

/** Reverts a whole commit, if every value that the commit set is still the same. */
export function planRevert(state: State, revision: number): Outcome {
  const change = state.log[revision - 1]
  if (change === undefined) return refuse('NOT_FOUND')
  const commit = state.log.filter((other) => other.commit === change.commit)
  const reverting: Reverting = { state, commit, codes: new Set(), changes: [] }
  for (const one of commit) {
    const isRevertible = one.entity === 'task' || one.entity === 'list'
    if (!isRevertible || one.redacted === true || one.action === 'purge') reverting.codes.add('NOT_REVERTIBLE')
    else if (one.entity === 'list') revertList(reverting, one)
    else revertTask(reverting, one)
  }
  if (reverting.codes.size > 0) return refuse(...reverting.codes)
  return { changes: reverting.changes, anyOrder: true, anyPosition: true }
}

function revertTask({ state, commit, codes, changes }: Reverting, { entityId: id, before, after }: Change): void {
  const task = rowOf(state, { entity: 'task', id })
  if (task === undefined) {
    codes.add('NOT_REVERTIBLE')
    return
  }
  if (!hasValuesOf(task, after)) codes.add('REVISION_CONFLICT')
  // Reverting a creation moves the task to the trash.
  const next: Row = before === null ? { ...task, deletedAt: NOW } : { ...task, ...before }
  const listId = next['listId']
  const isListRestored = commit.some((other) => other.entityId === listId && other.after === null)
  if (typeof listId === 'string' && before !== null && !state.lists.has(listId) && !isListRestored)
    codes.add('NOT_REVERTIBLE')
  changes.push({ entity: 'task', id, action: actionOf(task, next), placed: before !== null, after: next })
}

function revertList(reverting: Reverting, { entityId: id, after, ...change }: Change): void {
  const before: Row | null = change.before
  const { state, codes, changes } = reverting
  const list = rowOf(state, { entity: 'list', id })
  if (after === null ? list !== undefined : list !== undefined && !hasValuesOf(list, after))
    codes.add('REVISION_CONFLICT')
  if (after !== null && list === undefined) codes.add('REVISION_CONFLICT').add('NOT_REVERTIBLE')
  const name = before?.['name']
  if ([...state.lists.values()].some((other) => other.id !== id && keyOf(other.name) === keyOf(String(name))))
    codes.add('NOT_REVERTIBLE')
  if (before === null) deleteCreatedList(reverting, id)
  else if (after === null) {
    const row = { id, name, createdAt: before['createdAt'] }
    changes.push({ entity: 'list', id, action: 'create', placed: true, after: row })
  } else if (list !== undefined) {
    const next = { ...list, ...before }
    const action = next['name'] === list['name'] ? 'move' : 'update'
    if (difference(list, next).length > 0) changes.push({ entity: 'list', id, action, placed: true, after: next })
  }
}

/** Deletes the list if only tasks in the trash stay in it, which lose their list. */
function deleteCreatedList({ state, commit, codes, changes }: Reverting, id: string): void {
  for (const task of state.tasks.values()) {
    const leaves = commit.some(
      (other) => other.entityId === task.id && other.before !== null && 'listId' in other.before,
    )
    if (task.listId !== id || leaves) continue
    if (task.deletedAt === null) codes.add('NOT_REVERTIBLE')
    else changes.push({ entity: 'task', id: task.id, action: 'move', placed: true, after: { ...task, listId: null } })
  }
  changes.push({ entity: 'list', id, action: 'delete', after: null })
}
