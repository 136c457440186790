import type { Difference } from './difference.ts'
import type { Alternative, Schema } from './schema.ts'

// The alternatives of an output, and the fields of each.

/** Returns the schema of further fields that an object may have; null if it may have none. */
export function furtherFields({ additionalProperties = {} }: Alternative): Schema | null {
  if (typeof additionalProperties === 'object') return additionalProperties
  return additionalProperties ? {} : null
}

/**
 * Returns those of `others` that share the most fields with `one`. Compared with the rest, a lost field would not be
 * found: an object without it also fits a shape that never had it.
 */
export function mostAlike(one: Alternative, others: readonly Alternative[]): readonly Alternative[] {
  const { properties = {} } = one
  const isPossible = ({ properties: fields = {} }: Alternative): boolean =>
    Object.entries(fields).every(
      ([name, { const: value }]) => value === undefined || (properties[name]?.const ?? value) === value,
    )
  const sharedWith = ({ properties: fields = {} }: Alternative): number =>
    Object.keys(fields).filter((name) => properties[name] !== undefined).length
  const possible = others.some(isPossible) ? others.filter(isPossible) : others
  const most = Math.max(...possible.map(sharedWith))
  return possible.filter((other) => sharedWith(other) === most)
}

/** Returns the fields of the released shapes that no current shape has and that `found` does not report already. */
export function fieldsLost(
  current: readonly Alternative[],
  released: readonly Alternative[],
  path: string,
  found: readonly Difference[],
): Difference[] {
  const namesIn = (shapes: readonly Alternative[]): Set<string> =>
    new Set(shapes.flatMap(({ properties = {} }) => Object.keys(properties)))
  const kept = namesIn(current)
  // Records, and values that are no longer objects, are compared elsewhere.
  if (!current.some(({ properties }) => properties !== undefined)) return []
  return [...namesIn(released)]
    .filter((name) => !kept.has(name))
    .map((name): Difference => ({ kind: 'removed', path: `${path}.${name}`, what: 'was removed' }))
    .filter((lost) => !found.some((difference) => difference.path === lost.path))
}
