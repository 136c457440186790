import { isDeepStrictEqual } from 'node:util'
import type { Difference } from './difference.ts'
import type { Alternative, Schema } from './schema.ts'

// Compares what a schema says besides the values that it allows.

export function defaultDifferences(released: Schema, current: Schema, path: string): Difference[] {
  if (isDeepStrictEqual(released.default, current.default)) return []
  const [before, now] = [released.default, current.default].map((value) => JSON.stringify(value) ?? 'none')
  return [{ kind: 'default-changed', path, what: `has another default: ${before} before, now ${now}` }]
}

/** The order of a closed set's values counts, since rows are sorted by it, as by priority. */
export function orderDifferences(
  current: readonly Alternative[],
  released: readonly Alternative[],
  path: string,
): Difference[] {
  const valuesOf = (set: readonly Alternative[]): unknown[] => set.flatMap(({ const: value }) => value ?? [])
  const [before, now] = [valuesOf(released), valuesOf(current)]
  const common = before.filter((value) => now.includes(value))
  const still = now.filter((value) => before.includes(value))
  if (isDeepStrictEqual(common, still)) return []
  const what = `ranks its values in another order: ${common.join(', ')} before, now ${still.join(', ')}`
  return [{ kind: 'order-changed', path, what }]
}
