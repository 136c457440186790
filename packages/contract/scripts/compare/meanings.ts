import { isDeepStrictEqual } from 'node:util'
import type { Difference } from './difference.ts'
import type { Schema } from './schema.ts'

// What a schema says besides which values it allows.

export function defaultDifferences(released: Schema, current: Schema, path: string): Difference[] {
  if (isDeepStrictEqual(released.default, current.default)) return []
  const [before, now] = [released.default, current.default].map((value) => JSON.stringify(value) ?? 'none')
  return [{ kind: 'default-changed', path, what: `has another default: ${before} before, now ${now}` }]
}

/** A closed set sorts in the order of its values, as a priority does. */
export function orderDifferences(current: Schema, released: Schema, path: string): Difference[] {
  const [before = [], now = []] = [released.enum, current.enum]
  const common = before.filter((value) => now.includes(value))
  if (
    isDeepStrictEqual(
      common,
      now.filter((value) => before.includes(value)),
    )
  )
    return []
  return [
    {
      kind: 'order-changed',
      path,
      what: `ranks its values in another order: ${before.join(', ')} before, now ${now.join(', ')}`,
    },
  ]
}
