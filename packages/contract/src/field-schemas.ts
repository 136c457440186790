/** The zod schemas of the fields in `fields.ts`. */
import { z } from 'zod'
import { type ContentOf, type Due, type Field, PRIORITIES, type Priority } from './fields.ts'
import { LIMITS } from './limits.ts'
import { mergeTags, multiLine, quoted, requiredMessage, singleLine } from './text.ts'
import { arrayOf, date, fieldsAreKnown, timeZone } from './values.ts'
import type { Schema } from './schema.ts'

export const priority: Schema<Priority> = z.enum(PRIORITIES, {
  error: requiredMessage(`is not one of ${quoted(PRIORITIES)}`),
})
export const tagText: Schema<string> = singleLine({ max: LIMITS.tag })
const tags = arrayOf(tagText, { max: LIMITS.tagsSent, tooMany: `holds more than ${LIMITS.tagsSent} tags` })
  .overwrite(mergeTags)
  .refine((list) => list.length <= LIMITS.tagsPerTask, { error: `holds more than ${LIMITS.tagsPerTask} tags` })

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'is not a time of day, written HH:MM' })
// In some zones, a time on the first or last two days of the calendar is an instant outside the calendar.
const isSafeInEveryZone = (d: string): boolean => d >= '0001-01-03' && d <= '9999-12-29'
export const dateInEveryZone: Schema<string> = date.refine(isSafeInEveryZone, {
  error: 'is not between 0001-01-03 and 9999-12-29',
})
const due = z
  .strictObject({ date, time: clock.optional(), timeZone: timeZone.optional() })
  .refine((d) => (d.time === undefined) === (d.timeZone === undefined), {
    error: 'needs both time and timeZone, or neither for an all-day date',
    when: fieldsAreKnown,
  })
  .refine((d) => d.time === undefined || isSafeInEveryZone(d.date), {
    error: 'is not between 0001-01-03 and 9999-12-29, as required with a time',
    path: ['date'],
    when: fieldsAreKnown,
  })
  // The first refinement leaves only the two shapes of Due.
  .nullable() as unknown as Schema<Due | null>

/** What callers may send. */
function inputOf(field: Field): z.ZodType {
  switch (field.kind) {
    case 'line':
      return singleLine(field)
    case 'text':
      return multiLine(field)
    case 'flag':
      return z.boolean()
    case 'priority':
      return priority
    case 'tags':
      return tags
    case 'due':
      return due
  }
}

/** What replies contain. A newer service may accept more, so limits are not checked. */
function outputOf({ kind }: Field): z.ZodType {
  switch (kind) {
    case 'line':
    case 'text':
      return z.string()
    case 'flag':
      return z.boolean()
    case 'priority':
      return z.enum(PRIORITIES)
    case 'tags':
      return z.array(z.string())
    case 'due':
      return z
        .union([
          z.strictObject({ date: z.string(), time: z.string(), timeZone: z.string() }),
          z.strictObject({ date: z.string() }),
        ])
        .nullable()
  }
}

type Schemas<Content> = { [F in keyof Content]: Schema<Content[F]> }

function schemasOf<T extends Record<string, Field>>(
  fields: T,
  schemaOf: (field: Field) => z.ZodType,
): Schemas<ContentOf<T>> {
  const schemas = Object.entries(fields).map(([name, field]) => {
    const schema = schemaOf(field)
    return [name, 'nullable' in field ? schema.nullable() : schema]
  })
  // schemaOf() returns a schema of the values of the field's kind.
  return Object.fromEntries(schemas) as Schemas<ContentOf<T>>
}

export function inputsOf<T extends Record<string, Field>>(fields: T): Schemas<ContentOf<T>> {
  return schemasOf(fields, inputOf)
}

export function outputsOf<T extends Record<string, Field>>(fields: T): Schemas<ContentOf<T>> {
  return schemasOf(fields, outputOf)
}

/** Returns the same schemas, each optional. */
export function optional<Content>(schemas: Schemas<Content>): {
  [F in keyof Content]: z.ZodOptional<Schema<Content[F]>>
} {
  const entries = Object.entries<z.ZodType>(schemas).map(([name, schema]) => [name, schema.optional()])
  // The entries have the same names, and schemas of the same values.
  return Object.fromEntries(entries) as { [F in keyof Content]: z.ZodOptional<Schema<Content[F]>> }
}
