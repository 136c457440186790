import { boundsExceeded, isAllowed } from './bounds.ts'
import type { Difference, Kind } from './difference.ts'
import { defaultDifferences, orderDifferences } from './meanings.ts'
import {
  type Alternative,
  alternativesOf,
  type Definitions,
  isAnything,
  nameOf,
  resolve,
  type Schema,
} from './schema.ts'
import { fieldsLost, furtherFields, mostAlike } from './shapes.ts'

interface Comparison {
  readonly side: 'input' | 'output'
  /** The definitions to which each of the two schemas refers. */
  readonly givenDefinitions: Definitions
  readonly expectedDefinitions: Definitions
  /** The pairs of references that are already being compared, so that a schema may contain itself. */
  readonly within: readonly string[]
}

/** Lists what the release accepted as an input and the current contract refuses. */
export function compareInputs(released: Schema, current: Schema): Difference[] {
  return compare(released, current, 'input')
}

/** Lists what an output may contain now and never contained in the release. */
export function compareOutputs(released: Schema, current: Schema): Difference[] {
  return compare(current, released, 'output')
}

// Both ask the same question: does every value of `given` fit `expected`? Inputs of the release must fit the current
// inputs. Current outputs must fit the outputs of the release; they may have more fields, which clients ignore.
function compare(given: Schema, expected: Schema, side: Comparison['side']): Difference[] {
  const definitions = { givenDefinitions: given.$defs ?? {}, expectedDefinitions: expected.$defs ?? {} }
  return misfits(given, expected, side, { side, ...definitions, within: [] })
}

function misfits(given: Schema, expected: Schema, path: string, comparison: Comparison): Difference[] {
  const pair = `${given.$ref} ${expected.$ref}`
  const isReference = given.$ref !== undefined && expected.$ref !== undefined
  if (isReference && comparison.within.includes(pair)) return []
  const inside = isReference ? { ...comparison, within: [...comparison.within, pair] } : comparison
  const left = resolve(given, comparison.givenDefinitions)
  const right = resolve(expected, comparison.expectedDefinitions)
  const present = alternativesOf(left, comparison.givenDefinitions)
  const allowed = alternativesOf(right, comparison.expectedDefinitions)
  const ofAlternatives = present.flatMap((one) => misfitsOfOne(one, allowed, path, inside))
  if (comparison.side === 'input') return [...defaultDifferences(left, right, path), ...ofAlternatives]
  return [
    ...orderDifferences(present, allowed, path),
    ...ofAlternatives,
    ...fieldsLost(present, allowed, path, ofAlternatives),
  ]
}

/** Compares `one` with each alternative, and returns its differences from the nearest. */
function misfitsOfOne(
  one: Alternative,
  allowed: readonly Alternative[],
  path: string,
  comparison: Comparison,
): Difference[] {
  if (allowed.some(isAnything)) return []
  const { side } = comparison
  if (one.const !== undefined)
    return allowed.some((other) => isAllowed(one.const, other)) ? [] : [refusal(nameOf(one), path, side)]
  const alike = allowed.filter(
    (other) => other.type === one.type || (one.type === 'integer' && other.type === 'number'),
  )
  const open = alike.filter((other) => other.const === undefined)
  const [nearest] = (side === 'input' ? open : mostAlike(one, open))
    .map((other) => within(one, other, path, comparison))
    .toSorted((a, b) => a.length - b.length)
  return nearest ?? [refusal(nameOf(one), path, side)]
}

function refusal(name: string, path: string, side: Comparison['side']): Difference {
  return side === 'input'
    ? { kind: 'input-narrowed', path, what: `no longer accepts ${name}` }
    : { kind: 'output-widened', path, what: `may now be ${name}` }
}

function within(given: Alternative, expected: Alternative, path: string, comparison: Comparison): Difference[] {
  const isInput = comparison.side === 'input'
  const kind: Kind = isInput ? 'input-narrowed' : 'output-widened'
  const differences: Difference[] = boundsExceeded(given, expected).map((bound) => ({
    kind,
    path,
    what: isInput
      ? `is narrower: ${bound.replace(' against ', ' before, now ')}`
      : `is wider: ${bound.replace(' against ', ' now, before ')}`,
  }))
  if (given.type === 'array')
    differences.push(...misfits(given.items ?? {}, expected.items ?? {}, `${path}[]`, comparison))
  if (given.type === 'object')
    differences.push(...(isInput ? fieldsOfInput : fieldsOfOutput)(given, expected, path, comparison))
  return differences
}

function fieldsOfInput(
  released: Alternative,
  current: Alternative,
  path: string,
  comparison: Comparison,
): Difference[] {
  const fields = current.properties ?? {}
  const further = furtherFields(current)
  const kept = Object.entries(released.properties ?? {}).flatMap(([name, schema]): Difference[] => {
    const field = fields[name] ?? further
    if (field === null) return [{ kind: 'removed', path: `${path}.${name}`, what: 'was removed' }]
    return misfits(schema, field, `${path}.${name}`, comparison)
  })
  const required = (current.required ?? []).filter((name) => !released.required?.includes(name))
  const missing = required.map((name): Difference => {
    const what = released.properties?.[name] === undefined ? 'is new, and required' : 'is now required'
    return { kind: 'input-required', path: `${path}.${name}`, what }
  })
  return [...kept, ...missing, ...furtherMisfits(released, further, path, comparison)]
}

function fieldsOfOutput(
  current: Alternative,
  released: Alternative,
  path: string,
  comparison: Comparison,
): Difference[] {
  const fields = current.properties ?? {}
  const kept = Object.entries(released.properties ?? {}).flatMap(([name, schema]): Difference[] => {
    const field = fields[name]
    if (field === undefined) return [{ kind: 'removed', path: `${path}.${name}`, what: 'was removed' }]
    const isOptional = released.required?.includes(name) === true && current.required?.includes(name) !== true
    const optional: Difference = { kind: 'output-widened', path: `${path}.${name}`, what: 'may now be absent' }
    return [...(isOptional ? [optional] : []), ...misfits(field, schema, `${path}.${name}`, comparison)]
  })
  const further = furtherFields(released)
  // If the released output was a record, new fields must fit its values.
  const added = Object.entries(further === null ? {} : fields).filter(
    ([name]) => released.properties?.[name] === undefined,
  )
  const addedMisfits = added.flatMap(([name, schema]) => misfits(schema, further ?? {}, `${path}.${name}`, comparison))
  return [...kept, ...addedMisfits, ...(further === null ? [] : furtherMisfits(current, further, path, comparison))]
}

/** Compares the values that an object has under names of the caller's own, as a record does. */
function furtherMisfits(
  given: Alternative,
  expected: Schema | null,
  path: string,
  comparison: Comparison,
): Difference[] {
  const further = furtherFields(given)
  if (further === null) return []
  if (expected === null) return [refusal('fields of any name', path, comparison.side)]
  return misfits(further, expected, `${path}.*`, comparison)
}
