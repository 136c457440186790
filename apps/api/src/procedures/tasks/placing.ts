import type { TaskDraft } from '@taskwire/contract'

/** A place in a list, and the drafts that go there, one after the other, by their number in the call, from 1. */
export interface Place {
  listId: string | null
  /** After whatever is there; else after the task `after`, or (null) first. */
  last: boolean
  after: string | null
  drafts: number[]
}

/**
 * Says where drafts go, as if each was created after the one before it: they share the places of
 * tasks that are there already, so that a long run takes up no more room than its length.
 */
export function placesOf(drafts: readonly (TaskDraft & { id: string })[]): Place[] {
  const places = new Map<string, Place>()
  const drafted = new Map<string, { place: Place; nr: number }>()
  for (const [at, { id, listId = null, after }] of drafts.entries()) {
    const nr = at + 1
    const other = typeof after === 'string' ? drafted.get(after) : undefined
    // After one of this call, in the same list; in another list it is not there, as in the database.
    if (other !== undefined && other.place.listId === listId) {
      other.place.drafts.splice(other.place.drafts.indexOf(other.nr) + 1, 0, nr)
      drafted.set(id, { place: other.place, nr })
      continue
    }
    const last = after === undefined
    const key = JSON.stringify([listId, last, after])
    const place = places.get(key) ?? { listId, last, after: after ?? null, drafts: [] }
    places.set(key, place)
    if (last) place.drafts.push(nr)
    else place.drafts.unshift(nr)
    drafted.set(id, { place, nr })
  }
  return [...places.values()]
}
