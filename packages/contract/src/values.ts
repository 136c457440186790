import { z } from 'zod'
import { instantOf } from './instant.ts'
import { LIMITS } from './limits.ts'
import { requiredMessage } from './text.ts'
import { isTimeZone } from './time-zone.ts'
import type { Schema } from './schema.ts'

/** A UUID of any version, in the shape that PostgreSQL accepts; converted to lower case. */
export const id: Schema<string> = z
  .guid({ error: requiredMessage('is not a UUID') })
  // A text of another length is no UUID and is refused anyway: converting a long one would be wasted work.
  .overwrite((s) => (s.length === 36 ? s.toLowerCase() : s))

/** A revision: a whole number from 0. */
export const revision: Schema<number> = z
  .int({ error: requiredMessage('is not a whole number') })
  .min(0, { error: 'is below 0' })

/** An instant, in UTC with milliseconds. */
export const time: Schema<string> = z.iso.datetime({ precision: 3, error: 'is not a time' })

/** An instant as callers may write it: with any offset, and any fraction of a second. */
export const timeInput: Schema<string> = z.iso
  .datetime({
    offset: true,
    error: requiredMessage('is not an ISO-8601 time with a zone, such as 2026-11-22T09:30:00Z'),
    abort: true,
  })
  .overwrite(instantOf)
  // Outside these years toISOString() writes a sign and six digits.
  .refine((s) => /^(?!0000)\d{4}-/.test(s), { error: 'is not between the years 0001 and 9999' })

/** A calendar date, 0001-01-01 to 9999-12-31. */
export const date: Schema<string> = z.iso
  .date({ error: requiredMessage('is not a date that exists, written YYYY-MM-DD'), abort: true })
  .refine((s) => !s.startsWith('0000'), { error: 'is before the year 0001' })

/** An array of `min` to `max` items. They are counted before any is parsed; zod's own `max()` parses them all first. */
export function arrayOf<Out, In>(
  item: Schema<Out, In>,
  { min = 0, max, tooFew, tooMany }: { min?: number; max: number; tooFew?: string; tooMany: string },
): Schema<Out[], In[]> {
  const whole = z.array(item).max(max)
  const counted = z.preprocess(
    (value, ctx) => {
      if (Array.isArray(value) && value.length > max) ctx.addIssue({ code: 'custom', message: tooMany })
      return value
    },
    min === 0 ? whole : whole.min(min, { error: tooFew }),
  )
  // preprocess() loses the type of the input, which is an array of `In`.
  return counted as unknown as Schema<Out[], In[]>
}

/** An IANA time zone, such as `Europe/Berlin`. */
export const timeZone: Schema<string> = z
  .string({ error: requiredMessage('is not a string') })
  .refine(isTimeZone, { error: 'is not a time zone of the IANA database, such as Europe/Berlin' })

const notACursor = { error: 'is not a cursor of an earlier reply' }
export const cursor: z.ZodString = z.string(notACursor).min(1, notACursor).max(LIMITS.cursor, notACursor)

/** A whole number from 1. */
export function countUpTo(max: number): z.ZodInt {
  return z
    .int({ error: 'is not a whole number' })
    .min(1, { error: 'is below 1' })
    .max(max, { error: `is above ${max}` })
}

/** The inputs of every paged query; a cursor that is null or absent returns the first page. */
export const paging: { limit: z.ZodDefault<z.ZodInt>; cursor: z.ZodOptional<z.ZodNullable<z.ZodString>> } = {
  limit: countUpTo(LIMITS.page.max).default(LIMITS.page.default),
  cursor: cursor.nullable().optional(),
}

/** The optional id of a mutation: sent again with the same id, the mutation takes effect once. */
export const mutationId: z.ZodOptional<typeof id> = id.optional()
/** The revision that the row had when the caller read it; if it has changed since, the call changes nothing. */
export const expectedRevision: z.ZodOptional<typeof revision> = revision.optional()

/**
 * The `when` of a rule across the fields of an object. Without it, zod checks the rule even if a field is unknown, and
 * so reports a misspelt field twice: as unknown, and as missing.
 */
export function fieldsAreKnown({ issues }: z.core.ParsePayload): boolean {
  return issues.every((issue) => issue.continue === true && issue.code !== 'unrecognized_keys')
}
