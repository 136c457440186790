import { instantOf } from './dates.ts'
import type { JsonObject } from './json-objects.ts'
import type { Fields } from './types.ts'

/** The members that Google Tasks knows; undefined ones are not written. As there, a due date has no time. */
export function writeItem({ title, description, due, complete }: Fields): JsonObject {
  return {
    title,
    notes: description ?? undefined,
    due: due === null ? undefined : instantOf({ date: due.date }).toISOString(),
    status: complete ? 'completed' : 'needsAction',
  }
}
