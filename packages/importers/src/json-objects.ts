/** Reads JSON that may be damaged: an array, one object, or objects one after another. */

export type JsonObject = Record<string, unknown>

export interface FoundObject {
  value: JsonObject
  /** The line on which the object begins, from 1. */
  line: number
  /** True if bare control characters were replaced by spaces. */
  repaired: boolean
}

export interface Scan {
  objects: FoundObject[]
  /** Damaged objects, and text between objects. */
  damaged: { line: number; lastLine: number; text: string }[]
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Finds every object at the top level or in a top-level array. After a damaged object, continues on the next line. */
export function scanObjects(text: string): Scan {
  const scan: Scan = { objects: [], damaged: [] }
  // Bounds the search for missing closing braces, which would otherwise take quadratic time.
  let budget = 8 * text.length
  let at = 0
  let line = 1
  const moveTo = (target: number): void => {
    for (; at < target; at += 1) if (text.charCodeAt(at) === 10) line += 1
  }
  while (at < text.length) {
    const start = nextToken(text, at)
    moveTo(start)
    if (start >= text.length) break
    const limit = budget > 0 ? text.length : lineEnd(text, start)
    const end = text.charAt(start) === '{' ? objectEnd(text, start, limit) : -1
    if (end < 0 && text.charAt(start) === '{') budget -= limit - start
    const value = end < 0 ? null : parseObject(text.slice(start, end))
    if (value !== null) {
      scan.objects.push({ ...value, line })
      moveTo(end)
    } else {
      const next = lineEnd(text, start)
      addDamaged(scan, line, text.slice(start, next))
      moveTo(next)
    }
  }
  return scan
}

/** Joins adjacent damaged lines. */
function addDamaged(scan: Scan, line: number, text: string): void {
  const last = scan.damaged.at(-1)
  if (last && last.lastLine + 1 === line) {
    last.text += `\n${text}`
    last.lastLine = line
  } else scan.damaged.push({ line, lastLine: line, text })
}

/** Skips white space, commas and brackets between objects. */
function nextToken(text: string, from: number): number {
  let at = from
  while (at < text.length && /[\s,[\]\u001e]/u.test(text.charAt(at))) at += 1
  return at
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

/** Returns the index after the brace that closes the brace at `start`; -1 if there is none before `limit`. */
function objectEnd(text: string, start: number, limit: number): number {
  let depth = 0
  for (const { char, at } of brackets(text, start, limit)) {
    if (char === '{') depth += 1
    else if (char === '}') depth -= 1
    if (depth === 0) return at + 1
  }
  return -1
}

/** Yields the braces and square brackets outside of strings. */
function* brackets(text: string, start: number, limit: number): Generator<{ char: string; at: number }, void> {
  let quoted = false
  for (let at = start; at < limit; at += 1) {
    const char = text.charAt(at)
    if (quoted && char === '\\') at += 1
    else if (char === '"') quoted = !quoted
    else if (!quoted && '{}[]'.includes(char)) yield { char, at }
  }
}

function parseObject(text: string): Omit<FoundObject, 'line'> | null {
  const { value, repaired } = parseLoosely(text)
  return isObject(value) ? { value, repaired } : null
}

/** The detail of a note on a repaired value. */
export const REPAIRED = 'control characters in the JSON became spaces'

/** Like parseJson, but replaces bare control characters, which JSON forbids in strings, by spaces. */
export function parseLoosely(text: string): { value: unknown; repaired: boolean } {
  const value = parseJson(text)
  if (value !== undefined) return { value, repaired: false }
  const repaired = parseJson(text.replace(/\p{Cc}/gu, ' '))
  return { value: repaired, repaired: repaired !== undefined }
}

/** Returns undefined for text that is not JSON, or is nested far deeper than any task. */
export function parseJson(text: string): unknown {
  try {
    return isTooDeep(text) ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Deeper values could overflow the stack when a note shows them. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (const { char } of brackets(text, 0, text.length)) {
    depth += char === '{' || char === '[' ? 1 : -1
    if (depth > 100) return true
  }
  return false
}

/** Returns a member as text, for a note or a field. Objects and arrays become JSON. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** Returns the members that have a value, as text, except for members with the known names. */
export function otherMembers(object: JsonObject, known: readonly string[]): [name: string, value: string][] {
  return Object.entries(object)
    .filter(([name, value]) => !known.includes(name) && hasValue(value))
    .map(([name, value]) => [name, toText(value)])
}

/**
 * Keeps the newest of the objects with the same id, in the order in which the ids occur first. An empty id counts as no
 * id. `onOlder` is called with each object that is left out.
 */
export function keepNewest<T>(
  objects: readonly T[],
  idOf: (object: T) => string,
  isOlder: (left: T, right: T) => boolean,
  onOlder: (older: T, newer: T) => void,
): T[] {
  const newest = new Map<string, T>()
  for (const object of objects) {
    const id = idOf(object).toLowerCase() || `no id ${newest.size}`
    const other = newest.get(id)
    const [older, newer] = other && isOlder(object, other) ? [object, other] : [other, object]
    newest.set(id, newer)
    if (older) onOlder(older, newer)
  }
  return [...newest.values()]
}

/** Returns a member as text, for a note. The values of a plain array are separated by commas. */
export function shown(value: unknown): string {
  const isPlain = Array.isArray(value) && value.every((each) => typeof each !== 'object')
  return isPlain ? value.map(toText).join(', ') : toText(value)
}

/** False for undefined, null, empty text and empty arrays. */
export function hasValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return value !== undefined && value !== null && value !== ''
}
