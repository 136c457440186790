import { instantOf } from './dates.ts'
import type { JsonObject } from './json-objects.ts'
import type { Fields } from './types.ts'

/** The members that Google Tasks knows. As there, a due date has no time. */
export function writeItem(fields: Fields): JsonObject {
  return {
    title: fields.title,
    ...(fields.description === null ? {} : { notes: fields.description }),
    ...(fields.due === null ? {} : { due: instantOf({ date: fields.due.date }).toISOString() }),
    status: fields.complete ? 'completed' : 'needsAction',
  }
}
