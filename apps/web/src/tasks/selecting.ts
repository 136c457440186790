/** How a click or a key changes the selection. */
export type How = 'only' | 'toggle' | 'extend'

export interface Selected {
  ids: ReadonlySet<string>
  /** From where `extend` selects. */
  anchor: string | undefined
}

export const NONE: Selected = { ids: new Set(), anchor: undefined }

/** Returns the selection after a click on a row of the list `all`. */
export function select({ ids, anchor }: Selected, all: readonly string[], id: string, how: How): Selected {
  switch (how) {
    case 'only':
      return { ids: new Set([id]), anchor: id }
    case 'toggle':
      return { ids: ids.symmetricDifference(new Set([id])), anchor: id }
    case 'extend': {
      // A row that has left the list is no end.
      const from = anchor !== undefined && all.includes(anchor) ? anchor : id
      return { ids: new Set(between(all, from, id)), anchor: from }
    }
  }
}

/** Returns the ids from one to another, whichever is first. */
function between(all: readonly string[], from: string, to: string): string[] {
  const [first = 0, last = 0] = [all.indexOf(from), all.indexOf(to)].toSorted((a, b) => a - b)
  return all.slice(Math.max(first, 0), last + 1)
}
