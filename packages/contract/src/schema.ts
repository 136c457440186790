import type { z } from 'zod'

/** A zod schema that returns `Out`, of an input that is the same unless `In` says otherwise. */
export type Schema<Out, In = Out> = z.ZodType<Out, In>
