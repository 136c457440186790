import type { List, Task } from '@taskwire/client'

/** What is dragged. */
export type Dragged = { tasks: readonly Task[]; list?: undefined } | { list: List; tasks?: undefined }

const KEY = Symbol('dragged')

/** What a drag carries, as the library wants it. */
export const carry = (dragged: Dragged): Record<symbol, unknown> => ({ [KEY]: dragged })

/** Returns what a drag carries; undefined if it is not of this page. */
export function draggedIn({ data }: { data: Record<string | symbol, unknown> }): Dragged | undefined {
  // Only `carry` sets it.
  return data[KEY] as Dragged | undefined
}
