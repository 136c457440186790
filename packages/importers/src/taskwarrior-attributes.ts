import { instantOf } from './dates.ts'
import type { JsonObject } from './json-objects.ts'
import type { Fields } from './types.ts'

const LETTERS = { urgent: 'H', high: 'H', medium: 'M', low: 'L', none: null } as const

/** The fields as Taskwarrior reads them. An all-day date is midnight in the zone. */
export function writeAttributes(fields: Fields, entry: string, timeZone: string): JsonObject {
  const letter = LETTERS[fields.priority]
  return {
    description: fields.title,
    status: fields.complete ? 'completed' : 'pending',
    ...(fields.list === null ? {} : { project: fields.list }),
    ...(fields.tags.length === 0 ? {} : { tags: fields.tags.map((tag) => tag.replace(/[\s,]+/gu, '_')) }),
    ...(letter === null ? {} : { priority: letter }),
    ...(fields.due === null ? {} : { due: stamp(instantOf({ time: '00:00', timeZone, ...fields.due })) }),
    ...(fields.description === null ? {} : { annotations: [{ entry, description: fields.description }] }),
  }
}

export function stamp(instant: Date): string {
  return instant.toISOString().replace(/[-:]|\.\d+/gu, '')
}
