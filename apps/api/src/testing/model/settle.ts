import type { Change, List, Task } from '@taskwire/contract'
import { expect } from 'vitest'
import { byPosition, type Changed, difference, NOW, type Row, type RowChange, rowOf, type State } from './state.ts'

/** Holds a commit as it was logged against what should have changed, and takes it over into the state. */
export function settle(state: State, changed: Changed, commit: readonly Change[]): void {
  const told = ({ action, id }: { action: string; id: string }): string => `${action} ${id}`
  const planned = changed.changes.map(told)
  const logged = commit.map(({ action, entityId: id }) => told({ action, id }))
  if (changed.anyOrder === true) expect(logged.toSorted()).toEqual(planned.toSorted())
  else expect(logged).toEqual(planned)
  for (const [nr, change] of commit.entries()) {
    expect(change).toMatchObject({
      revision: state.head + 1 + nr,
      commit: state.head + commit.length,
      at: commit[0]?.at,
    })
    const row = changed.changes.find(({ entity, id }) => entity === change.entity && id === change.entityId)
    if (row === undefined) throw new Error(`${change.entity} ${change.entityId} is not expected`)
    take(state, change, row)
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

function take(state: State, change: Change, { entity, id, after: expected, placed = false }: RowChange): void {
  const { revision, at, before, after } = change
  const was = rowOf(state, { entity, id })
  if (expected === null) {
    expect(after).toBeNull()
    // What a task was is not kept: that is what purging is for.
    expect(before).toEqual(entity === 'task' ? {} : was)
    state[entity === 'task' ? 'tasks' : 'lists'].delete(id)
    state.gone.add(id)
    return
  }
  const next: Row = {
    ...Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, value === NOW ? at : value])),
    position: (placed ? after?.['position'] : undefined) ?? was?.['position'],
    revision,
    updatedAt: at,
  }
  if (was === undefined) {
    // Of a personal space, the account is its maker.
    if (entity === 'task') Object.assign(next, { spaceId: change.actor.userId, userId: change.actor.userId })
    expect(before).toBeNull()
    expect(after).toEqual(next)
  } else {
    const names = difference(was, next)
    const those = (row: Row): Row => Object.fromEntries(names.map((name) => [name, row[name]]))
    expect({ before, after }).toEqual({ before: those(was), after: those(next) })
    expect(at >= String(was['updatedAt'])).toBe(true)
  }
  // It has every field: the Change that made it was compared as a whole.
  if (entity === 'task') state.tasks.set(id, next as unknown as Task)
  else state.lists.set(id, next as unknown as List)
}

/** The order that positions give is the one that was asked for. */
function checkOrder(state: State, { changes, anyOrder, anyPlace, order, lists }: Changed): void {
  if (order) state.order = order
  const live = [...state.tasks.values()].filter(({ deletedAt }) => deletedAt === null)
  const stand = Map.groupBy(byPosition(live), ({ listId }) => listId)
  const placed = new Set(changes.filter((change) => change.placed === true).map(({ id }) => id))
  for (const listId of new Set([...state.order.keys(), ...stand.keys()])) {
    const tasks = stand.get(listId) ?? []
    expect(new Set(tasks.map(({ position }) => position)).size).toBe(tasks.length)
    const ids = tasks.map(({ id }) => id)
    const planned = state.order.get(listId) ?? []
    if (anyOrder !== true) expect(ids).toEqual(planned)
    else if (anyPlace !== true) {
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
