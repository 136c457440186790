import type { Change } from '@taskwire/contract'
import { expect } from 'vitest'

/** What a follower of the feed holds: the account, its keys, tasks and lists by id, as of a revision. */
export interface Mirror {
  rows: Map<string, Record<string, unknown>>
  revision: number
}

/** Before any Change; an account is not created by one. */
export function emptyMirror(account?: { id: string }): Mirror {
  return { rows: new Map(account === undefined ? [] : [[account.id, { ...account }]]), revision: 0 }
}

/** Applies the next Change, and sees that it follows on what was there. */
export function follow(mirror: Mirror, change: Change): void {
  const { revision, commit, at, entity, entityId, before, after, redacted } = change
  const own = entity === 'task' || entity === 'list' ? { revision, updatedAt: at } : {}
  expect(revision).toBe(mirror.revision + 1)
  expect(commit).toBeGreaterThanOrEqual(revision)
  mirror.revision = revision
  if (redacted === true) return
  const row = mirror.rows.get(entityId)
  if (before === null) {
    expect(row).toBeUndefined()
    expect(after).toMatchObject({ id: entityId, createdAt: at, ...own })
    mirror.rows.set(entityId, { ...after })
  } else if (after === null) {
    mirror.rows.delete(entityId)
  } else {
    expect(row).toMatchObject(before)
    expect(Object.keys(before).toSorted()).toEqual(Object.keys(after).toSorted())
    // Each field that is named differs.
    for (const [name, value] of Object.entries(after)) expect(value).not.toEqual(before[name])
    expect(at >= String(row?.['updatedAt'] ?? row?.['createdAt'])).toBe(true)
    mirror.rows.set(entityId, { ...row, ...after, ...own })
  }
}

/** Sees that Changes of one commit belong together, and end with it. */
export function checkCommits(changes: readonly Change[]): void {
  for (const [at, change] of changes.entries()) {
    const next = changes[at + 1]
    if (change.revision === change.commit) continue
    const { commit, mutationId, requestId, actor } = change
    expect(next).toMatchObject({ commit, mutationId, requestId, actor, at: change.at, revision: change.revision + 1 })
  }
}
