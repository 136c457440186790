import type { z } from 'zod'

export const ID = '0190b1a0-0000-7000-8000-00000000000f'
export const OTHER = '0190b1a0-0000-7000-8000-000000000010'

/** Each issue as `path: message`. */
export function issuesOf(schema: z.ZodType, value: unknown): string[] | 'valid' {
  const { error } = schema.safeParse(value)
  return error === undefined ? 'valid' : error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

export function messageOf(schema: z.ZodType, value: unknown): string {
  return [issuesOf(schema, value)].flat().join(' | ')
}
