import { instantOf } from './dates.ts'
import type { JsonObject } from './json-objects.ts'
import type { Fields } from './types.ts'

const LETTERS = { urgent: 'H', high: 'H', medium: 'M', low: 'L', none: undefined } as const

/**
 * Returns the attributes that Taskwarrior reads; undefined ones are not written. An all-day date is midnight in the
 * zone.
 */
export function writeAttributes(fields: Fields, entry: string, timeZone: string): JsonObject {
  const { description, due, list, tags } = fields
  return {
    description: fields.title,
    status: fields.complete ? 'completed' : 'pending',
    project: list ?? undefined,
    tags: tags.length === 0 ? undefined : tags.map((tag) => tag.replace(/[\s,]+/gu, '_')),
    priority: LETTERS[fields.priority],
    due: due === null ? undefined : stamp(instantOf({ time: '00:00', timeZone, ...due })),
    annotations: description === null ? undefined : [{ entry, description }],
  }
}

export function stamp(instant: Date): string {
  return instant.toISOString().replace(/[-:]|\.\d+/gu, '')
}
