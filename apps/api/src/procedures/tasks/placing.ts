import type { TaskDraft } from '@taskwire/contract'

/** A position in a list, and the drafts to create there in this order, by their number in the call, from 1. */
export interface Placement {
  listId: string | null
  /** At the end of the list; otherwise after the task `after`, or first in the list if that is null. */
  last: boolean
  after: string | null
  drafts: number[]
}

/**
 * Returns where the drafts of a call go: in the same order as if they were created one after the other. Drafts that go
 * between the same two tasks are grouped, so that their positions are spread evenly and stay short.
 */
export function placementsOf(drafts: readonly (TaskDraft & { id: string })[]): Placement[] {
  const placements = new Map<string, Placement>()
  const byId = new Map<string, { placement: Placement; number: number }>()
  for (const [index, { id, listId = null, after }] of drafts.entries()) {
    const number = index + 1
    const other = typeof after === 'string' ? byId.get(after) : undefined
    // `after` names another draft of this call. If that draft is of another list, the database refuses it as not found.
    if (other !== undefined && other.placement.listId === listId) {
      other.placement.drafts.splice(other.placement.drafts.indexOf(other.number) + 1, 0, number)
      byId.set(id, { placement: other.placement, number })
      continue
    }
    const last = after === undefined
    const key = JSON.stringify([listId, last, after])
    const placement = placements.get(key) ?? { listId, last, after: after ?? null, drafts: [] }
    placements.set(key, placement)
    if (last) placement.drafts.push(number)
    else placement.drafts.unshift(number)
    byId.set(id, { placement, number })
  }
  return [...placements.values()]
}
