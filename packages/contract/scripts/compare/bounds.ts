import type { Alternative } from './schema.ts'

const LOWER = ['minLength', 'minimum', 'exclusiveMinimum', 'minItems'] as const
const UPPER = ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems'] as const

/** Describes each bound of `allowed` that is tighter than in `value`, a schema of the same type. */
export function boundsExceeded(value: Alternative, allowed: Alternative): string[] {
  const lower = LOWER.filter(
    (key) => (allowed[key] ?? -Infinity) > (value[key] ?? (key.endsWith('imum') ? -Infinity : 0)),
  )
  const upper = UPPER.filter((key) => (allowed[key] ?? Infinity) < (value[key] ?? Infinity))
  const numbers = [...lower, ...upper].map((key) => differs(key, value[key], allowed[key]))
  const format = allowed.format === undefined || allowed.format === value.format ? [] : ['format' as const]
  const pattern = isPatternWithin(value.pattern, allowed.pattern) ? [] : ['pattern' as const]
  return [...numbers, ...[...format, ...pattern].map((key) => differs(key, value[key], allowed[key]))]
}

type Bound = string | number | undefined

function differs(key: string, value: Bound, allowed: Bound): string {
  return `${key} ${value ?? 'none'} against ${allowed}`
}

/**
 * True if every text that matches `pattern` is known to match `allowed`. Most different patterns cannot be compared.
 */
function isPatternWithin(pattern: string | undefined, allowed: string | undefined): boolean {
  if (allowed === undefined || allowed === pattern) return true
  const [excluded, excludedBefore] = [wordsExcludedBy(pattern ?? ''), wordsExcludedBy(allowed)]
  return excluded !== null && excludedBefore !== null && excludedBefore.every((word) => excluded.includes(word))
}

/** Returns the words that a pattern such as `^(?!(change|head)$)` excludes; it matches the rest of an open set. */
function wordsExcludedBy(pattern: string): string[] | null {
  return /^\^\(\?!\((?<words>[\w|]+)\)\$\)$/.exec(pattern)?.groups?.['words']?.split('|') ?? null
}

/** True if this one value satisfies the bounds. */
export function isAllowed(value: unknown, allowed: Alternative): boolean {
  if (allowed.const !== undefined) return allowed.const === value
  const { pattern, ...others } = allowed
  if (typeof value === 'number')
    return (
      (others.type === 'number' || (others.type === 'integer' && Number.isInteger(value))) &&
      boundsExceeded({ minimum: value, maximum: value }, others).length === 0
    )
  if (typeof value !== 'string') return others.type === (value === null ? 'null' : typeof value)
  const { length } = [...value]
  return (
    others.type === 'string' &&
    boundsExceeded({ minLength: length, maxLength: length }, others).length === 0 &&
    (pattern === undefined || new RegExp(pattern, 'u').test(value))
  )
}
