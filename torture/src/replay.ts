import { createHash } from 'node:crypto'
import type { Change, Task } from '@taskwire/client'

/** The same text for the same value, whatever the order of its keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}

/** The rows of an account at one revision, as its Changes lead to them. */
export interface State {
  revision: number
  rows: Map<string, Record<string, unknown>>
}

export function emptyState(): State {
  return { revision: 0, rows: new Map() }
}

/** Applies the next Change, as any mirror of the contract's does. */
export function applyChange({ rows, ...state }: State, change: Change): State {
  const { entity, entityId, after, revision, at } = change
  if (entity !== 'task' && entity !== 'list') return { ...state, rows, revision }
  if (after === null) rows.delete(entityId)
  else rows.set(entityId, { ...rows.get(entityId), ...after, revision, updatedAt: at })
  return { ...state, rows, revision }
}

/** A short name for a set of rows. */
export function digestOf(rows: Iterable<Task | Record<string, unknown>>): string {
  return createHash('sha256')
    .update([...rows].map(canonical).toSorted().join('\n'))
    .digest('hex')
}
