import { z } from 'zod'
import type { Difference } from '../compare/difference.ts'
import type { Schema } from '../compare/schema.ts'

/** A breaking change, part of the message about it, and a similar change that breaks nothing. Shapes are zod's. */
export type Case = [name: string, released: z.ZodRawShape, breaking: z.ZodRawShape, found: string, fine: z.ZodRawShape]

// Schema describes what zod writes; resolve() throws on anything else.
export const inputOf = (shape: z.ZodRawShape): Schema =>
  z.toJSONSchema(z.strictObject(shape), { io: 'input' }) as Schema
export const outputOf = (shape: z.ZodRawShape): Schema => z.toJSONSchema(z.object(shape), { io: 'output' }) as Schema

export const lines = (differences: Difference[]): string =>
  differences.map(({ path, what }) => `${path} ${what}`).join('; ')
