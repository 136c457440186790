import type { TaskDraft } from '@taskwire/contract'

/** A draft with an id, and where it stands among those that go, one behind the other, to the same spot. */
export interface Placing {
  draft: TaskDraft & { id: string }
  /** Its number in the call, from 1. */
  nr: number
  place: number
  places: number
  /** Of the whole spot: behind this task, first (null) or last (undefined). */
  after: string | null | undefined
}

interface Spot {
  after: string | null | undefined
  members: { draft: Placing['draft']; nr: number }[]
}

/**
 * Says where drafts go, as if each was created after the one before it: they share the spots of
 * tasks that are there already, so that a long run takes up no more room than its length.
 */
export function placings(drafts: readonly Placing['draft'][]): Placing[] {
  const spots = new Map<string, Spot>()
  const spotOf = new Map<string, { spot: Spot; list: string | null }>()
  for (const [at, draft] of drafts.entries()) {
    const { id, listId = null, after } = draft
    const member = { draft, nr: at + 1 }
    const other = typeof after === 'string' ? spotOf.get(after) : undefined
    // Behind one of this call, in the same list; in another list it is not there, as in the database.
    const known = other?.list === listId ? other.spot : undefined
    if (known !== undefined) {
      known.members.splice(known.members.findIndex((m) => m.draft.id === after) + 1, 0, member)
      spotOf.set(id, { spot: known, list: listId })
      continue
    }
    const key = JSON.stringify([listId, after === undefined ? 'last' : [after]])
    const spot = spots.get(key) ?? { after, members: [] }
    spots.set(key, spot)
    if (after === undefined) spot.members.push(member)
    else spot.members.unshift(member)
    spotOf.set(id, { spot, list: listId })
  }
  return [...spots.values()].flatMap(({ after, members }) =>
    members.map((member, at) => ({ ...member, after, place: at + 1, places: members.length })),
  )
}
