/** The kinds of values that the service makes, each with a check that values of later releases have to pass. */
const KINDS: Record<string, (value: unknown) => boolean> = {
  uuid: matches(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  time: matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  position: matches(/^[!-~]+$/),
  secret: matches(/^\S{20,}$/),
  cursor: matches(/./),
  // Texts are for people; callers rely on the codes.
  text: matches(/./),
  revision: (value) => Number.isInteger(value) && Number(value) >= 0,
  number: (value) => typeof value === 'number' && value >= 0,
}
/** Values of these kinds are the same wherever their name is the same. */
const NAMED = new Set(['uuid', 'secret', 'cursor', 'revision'])
const PLACEHOLDER = /<(uuid|time|position|secret|cursor|text|revision|number)(?:: ([^>]*))?>/

export type Values = Map<string, string | number>

function matches(pattern: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && pattern.test(value)
}

/** Writes a placeholder, such as `<uuid: sign-up.user.id>` or `<time>`. */
export function placeholder(kind: string, name?: string): string {
  return name === undefined ? `<${kind}>` : `<${kind}: ${name.replaceAll(/[<>]/g, "'")}>`
}

/** Returns how a value differs from the recorded one, or undefined. Adds the value of a new name to `values`. */
export function misfit(recorded: string, value: unknown, values: Values): string | undefined {
  const [whole, kind = '', name] = PLACEHOLDER.exec(recorded) ?? []
  if (whole !== recorded) return value === recorded ? undefined : `is ${JSON.stringify(value)} and was ${recorded}`
  if (KINDS[kind]?.(value) !== true) return `is ${JSON.stringify(value)}, which is no ${kind}`
  if (name === undefined || !NAMED.has(kind)) return undefined
  // The check of its kind has passed, so the value is a text or a number.
  const made = value as string | number
  const known = values.get(recorded)
  if (known !== undefined && known !== made) return `is ${JSON.stringify(made)} and not the same as ${recorded} before`
  values.set(recorded, made)
  return undefined
}

/** Returns a recorded request with the values that the service made this time. */
export function withValues<T>(recorded: T, values: Values): T {
  if (typeof recorded === 'string') {
    const value = values.get(recorded)
    if (value !== undefined) return value as T
    // Part of a text, as in `Bearer <secret: …>`.
    return recorded.replaceAll(new RegExp(PLACEHOLDER, 'g'), (found) => String(values.get(found) ?? found)) as T
  }
  if (Array.isArray(recorded)) return recorded.map((item: unknown) => withValues(item, values)) as T
  if (typeof recorded !== 'object' || recorded === null) return recorded
  return Object.fromEntries(Object.entries(recorded).map(([key, value]) => [key, withValues(value, values)])) as T
}
