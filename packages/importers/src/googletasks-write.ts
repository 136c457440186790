import { instantOf } from './dates.ts'
import type { JsonObject } from './json-objects.ts'
import type { Fields } from './types.ts'

/** Returns the members that Google Tasks knows; undefined members are not written. A due date has no time, as there. */
export function writeItem({ title, description, due, complete }: Fields): JsonObject {
  return {
    title,
    notes: description ?? undefined,
    due: due === null ? undefined : instantOf({ date: due.date }).toISOString(),
    status: complete ? 'completed' : 'needsAction',
  }
}
