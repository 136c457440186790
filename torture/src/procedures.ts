import { type AnyProcedure, contract } from '@taskwire/contract'
import { z } from 'zod'
import type { Schema } from './generate.ts'

/** A procedure of the contract by its path, with its input as JSON Schema. */
export interface NamedProcedure extends AnyProcedure {
  path: string
  schema: Schema
}

/** Every procedure there is. */
export const procedures: readonly NamedProcedure[] = Object.entries(contract).flatMap(([namespace, verbs]) =>
  Object.entries<AnyProcedure>(verbs).map(([verb, procedure]) => ({
    ...procedure,
    path: `${namespace}.${verb}`,
    // What zod writes is JSON Schema; generate() throws at what it does not know of it.
    schema: z.toJSONSchema(procedure.input, { io: 'input' }) as Schema,
  })),
)
