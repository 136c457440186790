import { z } from 'zod'
import type { Difference } from '../compare/difference.ts'
import type { Schema } from '../compare/schema.ts'

/** A kind of breaking change with what is said of it, beside the nearest change that is none. Shapes are zod's. */
export type Case = [name: string, released: z.ZodRawShape, breaking: z.ZodRawShape, found: string, fine: z.ZodRawShape]

// What zod writes is what Schema describes; resolve() throws on anything else.
export const inputOf = (shape: z.ZodRawShape): Schema =>
  z.toJSONSchema(z.strictObject(shape), { io: 'input' }) as Schema
export const outputOf = (shape: z.ZodRawShape): Schema => z.toJSONSchema(z.object(shape), { io: 'output' }) as Schema

export const lines = (differences: Difference[]): string =>
  differences.map(({ path, what }) => `${path} ${what}`).join('; ')
