import { createHash } from 'node:crypto'
import type { Change, Task } from '@taskwire/client'
import { canonical } from './canonical.ts'

/** The rows of a space at one revision, rebuilt from its Changes. */
export interface State {
  revision: number
  rows: Map<string, Record<string, unknown>>
}

export function emptyState(): State {
  return { revision: 0, rows: new Map() }
}

/** Applies the next Change, as a mirror does. */
export function applyChange({ rows, ...state }: State, change: Change): State {
  const { entity, entityId, after, revision, at } = change
  if (entity !== 'task' && entity !== 'list') return { ...state, rows, revision }
  if (after === null) rows.delete(entityId)
  else rows.set(entityId, { ...rows.get(entityId), ...after, revision, updatedAt: at })
  return { ...state, rows, revision }
}

/** A hash of a set of rows. */
export function digestOf(rows: Iterable<Task | Record<string, unknown>>): string {
  return createHash('sha256')
    .update([...rows].map(canonical).toSorted().join('\n'))
    .digest('hex')
}
