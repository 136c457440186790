import type { Change } from '@taskwire/contract'
import { expect } from 'vitest'

/** A copy of a space that follows the feed: account, keys, tasks and lists by id, at a revision. */
export interface Mirror {
  rows: Map<string, Record<string, unknown>>
  revision: number
}

/** Returns a mirror before any Change. It has the account from the start, since no Change creates the account. */
export function emptyMirror(account?: { id: string }): Mirror {
  return { rows: new Map(account === undefined ? [] : [[account.id, { ...account }]]), revision: 0 }
}

/** Applies the next Change, and checks that it fits the rows and the revision. */
export function follow(mirror: Mirror, change: Change): void {
  const { revision, commit, at, entity, entityId, before, after, redacted } = change
  const derived = entity === 'task' || entity === 'list' ? { revision, updatedAt: at } : {}
  expect(revision).toBe(mirror.revision + 1)
  expect(commit).toBeGreaterThanOrEqual(revision)
  mirror.revision = revision
  if (redacted === true) return
  const row = mirror.rows.get(entityId)
  if (before === null) {
    expect(row).toBeUndefined()
    expect(after).toMatchObject({ id: entityId, createdAt: at, ...derived })
    mirror.rows.set(entityId, { ...after })
  } else if (after === null) {
    mirror.rows.delete(entityId)
  } else {
    expect(row).toMatchObject(before)
    expect(Object.keys(before).toSorted()).toEqual(Object.keys(after).toSorted())
    // A Change has only fields whose value differs.
    const old: Record<string, unknown> = before
    for (const [name, value] of Object.entries(after)) expect(value).not.toEqual(old[name])
    expect(at >= String(row?.['updatedAt'] ?? row?.['createdAt'])).toBe(true)
    mirror.rows.set(entityId, { ...row, ...after, ...derived })
  }
}

/** Checks that the Changes of each commit follow one another, and that the last one's revision is the commit. */
export function checkCommits(changes: readonly Change[]): void {
  for (const [index, change] of changes.entries()) {
    const next = changes[index + 1]
    if (change.revision === change.commit) continue
    const { commit, mutationId, requestId, actor } = change
    expect(next).toMatchObject({ commit, mutationId, requestId, actor, at: change.at, revision: change.revision + 1 })
  }
}
