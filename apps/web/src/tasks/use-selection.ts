import type { Task } from '@taskwire/client'
import { useMemo, useState } from 'react'
import { type How, NONE, select } from './selecting.ts'

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
  const [{ ids }, set] = useState(NONE)
  const selected = useMemo(() => (ids.size === 0 ? [] : tasks.filter(({ id }) => ids.has(id))), [tasks, ids])
  // Also if they come back later, such as by undo.
  if (selected.length < ids.size) set((old) => ({ ...old, ids: new Set(selected.map(({ id }) => id)) }))
  const idsOfAll = (): string[] => tasks.map(({ id }) => id)
  return {
    ids,
    tasks: selected,
    // One key may select twice, so each begins with what the one before has left.
    click: ({ id }, how) => set((old) => select(old, idsOfAll(), id, how)),
    all: () => set((old) => ({ ...old, ids: new Set(idsOfAll()) })),
    clear: () => set(NONE),
  }
}
