import type { Difference } from './difference.ts'
import type { Alternative, Schema } from './schema.ts'

// The alternatives of an output, and the fields of each.

/** Any further fields that an object may have; null for none. */
export function furtherFields({ additionalProperties = {} }: Alternative): Schema | null {
  if (typeof additionalProperties === 'object') return additionalProperties
  return additionalProperties ? {} : null
}

/**
 * Of the objects that an output may be, those that share the most fields with this one. Any object without a field fits
 * one that never had it, so that the loss of a field would not show.
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

/** Fields of the released shapes that none of today's has, where no shape was near enough to be compared with. */
export function fieldsLost(
  current: readonly Alternative[],
  released: readonly Alternative[],
  path: string,
  found: readonly Difference[],
): Difference[] {
  const namesIn = (shapes: readonly Alternative[]): Set<string> =>
    new Set(shapes.flatMap(({ properties = {} }) => Object.keys(properties)))
  const kept = namesIn(current)
  // What is a record of any fields, or no object any more, is compared elsewhere.
  if (!current.some(({ properties }) => properties !== undefined)) return []
  return [...namesIn(released)]
    .filter((name) => !kept.has(name))
    .map((name): Difference => ({ kind: 'removed', path: `${path}.${name}`, what: 'was removed' }))
    .filter((lost) => !found.some((difference) => difference.path === lost.path))
}
