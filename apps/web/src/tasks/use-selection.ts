import type { Task } from '@taskwire/client'
import { useMemo, useState } from 'react'

/** How a click or a key changes the selection. */
export type How = 'only' | 'toggle' | 'extend'

export interface Selection {
  ids: ReadonlySet<string>
  /** The selected tasks, in the order of the list. */
  tasks: readonly Task[]
  click(task: Task, how: How): void
  all(): void
  clear(): void
}

/** The selected tasks of a list. Tasks that leave the list leave the selection. */
export function useSelection(tasks: readonly Task[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const [anchor, setAnchor] = useState<string>()
  const selected = useMemo(() => (ids.size === 0 ? [] : tasks.filter(({ id }) => ids.has(id))), [tasks, ids])
  // Also if they come back later, such as by undo.
  if (selected.length < ids.size) setIds(new Set(selected.map(({ id }) => id)))
  return {
    ids,
    tasks: selected,
    click({ id }, how) {
      if (how !== 'extend') setAnchor(id)
      if (how === 'only') setIds(new Set([id]))
      else if (how === 'toggle') setIds((old) => (old.has(id) ? without(old, id) : new Set([...old, id])))
      else setIds(new Set(between(tasks, anchor ?? id, id)))
    },
    all: () => setIds(new Set(tasks.map(({ id }) => id))),
    clear: () => setIds(new Set()),
  }
}

const without = (ids: ReadonlySet<string>, removed: string): Set<string> =>
  new Set([...ids].filter((id) => id !== removed))

/** Returns the ids from one task to another, whichever is first. */
function between(tasks: readonly Task[], from: string, to: string): string[] {
  const ids = tasks.map(({ id }) => id)
  const ends = [ids.indexOf(from), ids.indexOf(to)].toSorted((a, b) => a - b)
  const [first = 0, last = 0] = ends
  return ids.slice(Math.max(first, 0), last + 1)
}
