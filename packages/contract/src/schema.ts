import type { z } from 'zod'

/** A zod schema that parses an `In` into an `Out`; by default, the two types are the same. */
export type Schema<Out, In = Out> = z.ZodType<Out, In>
