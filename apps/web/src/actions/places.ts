import type { Task } from '@taskwire/client'

/** A task, or a list among lists. */
type Row = Pick<Task, 'id'>

/** A place in a list, after another task; null: first. */
export interface Place {
  listId: string | null
  after: string | null
}

/**
 * Returns where some tasks of a list stand, in the order of the list: a task may stand after another of them, which then
 * has to be put back first.
 */
export function placesIn(siblings: readonly Task[], some: readonly Task[]): (Place & { id: string })[] {
  const ids = new Set(some.map(({ id }) => id))
  return siblings.flatMap(({ id, listId }, index) =>
    ids.has(id) ? [{ id, listId, after: siblings[index - 1]?.id ?? null }] : [],
  )
}

/** Returns after which task each goes, if all go after one task (null: first) in this order. */
export function afterEachOther(tasks: readonly Task[], after: string | null): Map<string, string | null> {
  return new Map(tasks.map(({ id }, index) => [id, tasks[index - 1]?.id ?? after]))
}

/**
 * Returns after which row (null: first) the chosen ones go, if they move up (-1) or down (1); undefined if they are
 * already at the end of the list, or not in it.
 */
export function afterStep(siblings: readonly Row[], chosen: readonly Row[], steps: -1 | 1): string | null | undefined {
  const places = chosen.map((task) => siblings.findIndex(({ id }) => id === task.id))
  if (places.length === 0 || places.includes(-1)) return undefined
  const end = steps === -1 ? Math.min(...places) : Math.max(...places)
  if (siblings[end + steps] === undefined) return undefined
  // Before the one above is after the one above that.
  return (steps === 1 ? siblings[end + 1] : siblings[end - 2])?.id ?? null
}

/**
 * Returns after which row (null: first) the dragged ones go, if they are dropped at an edge of another row: after the
 * last row above that edge which is not itself dragged. Undefined if the other row is not in the list.
 */
export function afterDrop(
  siblings: readonly Row[],
  dragged: readonly Row[],
  over: string,
  edge: 'top' | 'bottom',
): string | null | undefined {
  const index = siblings.findIndex(({ id }) => id === over)
  if (index === -1) return undefined
  const ids = new Set(dragged.map(({ id }) => id))
  const above = siblings.slice(0, edge === 'top' ? index : index + 1)
  return above.findLast(({ id }) => !ids.has(id))?.id ?? null
}
