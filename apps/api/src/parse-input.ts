import { z } from 'zod'

const unreadable = z.never({ error: 'holds an object where there is no place for one' })

/**
 * As `safeParse`. Zod measures whatever has a `length`, of the right type or not, and throws where that
 * is an object which cannot be compared: `{"length": {"toString": 1}}`.
 */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value)
  } catch (error) {
    if (error instanceof TypeError) return unreadable.safeParse(value)
    throw error
  }
}
