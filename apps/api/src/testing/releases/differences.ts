import { misfit, type Values } from './placeholders.ts'

/** Lists what the recorded reply has and the actual one lacks. The actual reply may have more fields. */
export function differences(recorded: unknown, actual: unknown, values: Values, path = ''): string[] {
  if (typeof recorded === 'string') {
    const problem = misfit(recorded, actual, values)
    return problem === undefined ? [] : [`${path} ${problem}`]
  }
  if (Array.isArray(recorded)) {
    if (!Array.isArray(actual)) return [`${path} is not an array`]
    if (actual.length !== recorded.length) return [`${path} has ${actual.length} items and had ${recorded.length}`]
    return recorded.flatMap((item, nr) => differences(item, actual[nr], values, `${path}[${nr}]`))
  }
  if (typeof recorded !== 'object' || recorded === null)
    return recorded === actual ? [] : [`${path} is ${JSON.stringify(actual)} and was ${JSON.stringify(recorded)}`]
  if (typeof actual !== 'object' || actual === null) return [`${path} is not an object`]
  return Object.entries(recorded).flatMap(([key, value]) => {
    const at = path === '' ? key : `${path}.${key}`
    if (!Object.hasOwn(actual, key)) return [`${at} is missing`]
    // The actual object has this key.
    return differences(value, (actual as Record<string, unknown>)[key], values, at)
  })
}
