import type { Change, List, Task } from '@taskwire/contract'
import { expect } from 'vitest'
import { byPosition, type Changed, difference, NOW, type Row, type RowChange, rowOf, type State } from './state.ts'

/** Checks a logged commit against the planned changes, and applies it to the state. */
export function checkCommit(state: State, changed: Changed, commit: readonly Change[]): void {
  const planned = changed.changes.map(({ action, id }) => `${action} ${id}`)
  const logged = commit.map(({ action, entityId }) => `${action} ${entityId}`)
  if (changed.anyOrder === true) expect(logged.toSorted()).toEqual(planned.toSorted())
  else expect(logged).toEqual(planned)
  for (const [nr, change] of commit.entries()) {
    expect(change).toMatchObject({
      revision: state.head + 1 + nr,
      commit: state.head + commit.length,
      at: commit[0]?.at,
    })
    const row = changed.changes.find(({ entity, id }) => entity === change.entity && id === change.entityId)
    if (row === undefined) throw new Error(`Unexpected Change of ${change.entity} ${change.entityId}`)
    applyChange(state, change, row)
  }
  state.head += commit.length
  state.log.push(...structuredClone(commit))
  for (const { action, entityId } of commit) if (action === 'purge') redact(state, entityId)
  checkOrder(state, changed)
}

function redact({ log }: State, id: string): void {
  for (const change of log)
    if (change.entityId === id && change.action !== 'purge') {
      change.redacted = true
      if (change.before) change.before = {}
      if (change.after) change.after = {}
    }
}

function applyChange(state: State, change: Change, { entity, id, after: expected, placed = false }: RowChange): void {
  const { revision, at, before } = change
  const after: Row | null = change.after
  const was = rowOf(state, { entity, id })
  if (expected === null) {
    expect(after).toBeNull()
    // A purge does not log what the task was.
    expect(before).toEqual(entity === 'task' ? {} : was)
    state[entity === 'task' ? 'tasks' : 'lists'].delete(id)
    state.usedIds.add(id)
    return
  }
  const next: Row = {
    ...Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, value === NOW ? at : value])),
    position: (placed ? after?.['position'] : undefined) ?? was?.['position'],
    revision,
    updatedAt: at,
  }
  if (was === undefined) {
    // The id of a personal space is the account's id.
    if (entity === 'task') Object.assign(next, { spaceId: change.actor.userId, userId: change.actor.userId })
    expect(before).toBeNull()
    expect(after).toEqual(next)
  } else {
    const names = difference(was, next)
    const fieldsOf = (row: Row): Row => Object.fromEntries(names.map((name) => [name, row[name]]))
    expect({ before, after }).toEqual({ before: fieldsOf(was), after: fieldsOf(next) })
    expect(at >= String(was['updatedAt'])).toBe(true)
  }
  // The row has every field: the Change that created it was compared as a whole.
  if (entity === 'task') state.tasks.set(id, next as unknown as Task)
  else state.lists.set(id, next as unknown as List)
}

/** Checks that the positions have the planned order. */
function checkOrder(state: State, { changes, anyOrder, anyPosition, order, lists }: Changed): void {
  if (order) state.order = order
  const live = [...state.tasks.values()].filter(({ deletedAt }) => deletedAt === null)
  const byList = Map.groupBy(byPosition(live), ({ listId }) => listId)
  const placed = new Set(changes.filter((change) => change.placed === true).map(({ id }) => id))
  for (const listId of new Set([...state.order.keys(), ...byList.keys()])) {
    const tasks = byList.get(listId) ?? []
    expect(new Set(tasks.map(({ position }) => position)).size).toBe(tasks.length)
    const ids = tasks.map(({ id }) => id)
    const planned = state.order.get(listId) ?? []
    if (anyOrder !== true) expect(ids).toEqual(planned)
    else if (anyPosition !== true) {
      const stayed = planned.filter((id) => !placed.has(id))
      expect(ids.slice(0, stayed.length)).toEqual(stayed)
      expect(new Set(ids)).toEqual(new Set(planned))
    }
    state.order.set(listId, ids)
  }
  const all = byPosition(state.lists.values())
  expect(new Set(all.map(({ position }) => position)).size).toBe(all.length)
  if (lists) expect(all.map(({ id }) => id)).toEqual(lists)
}
