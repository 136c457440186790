import { type AnyProcedure, contract } from '@taskwire/contract'
import { z } from 'zod'
import type { Schema } from './generate.ts'

/** A procedure of the contract by its path, with its input as JSON Schema. */
export interface NamedProcedure extends AnyProcedure {
  path: string
  schema: Schema
}

/** All procedures of the contract. */
export const procedures: readonly NamedProcedure[] = Object.entries(contract).flatMap(([namespace, verbs]) =>
  Object.entries<AnyProcedure>(verbs).map(([verb, procedure]) => ({
    ...procedure,
    path: `${namespace}.${verb}`,
    // zod returns JSON Schema; generate() throws on the parts that it does not support.
    schema: z.toJSONSchema(procedure.input, { io: 'input' }) as Schema,
  })),
)
