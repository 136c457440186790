import { z } from 'zod'
import { APP_CODES, contract, CONTRACT_VERSION, LIMITS, type AnyProcedure } from '../src/index.ts'
import { OPEN_SETS } from './open-sets.ts'

/** Returns the text of contract.json, made from the schemas. */
export function contractJson(): string {
  const procedures: Record<string, unknown> = {}
  for (const [namespace, table] of Object.entries(contract))
    for (const [name, procedure] of Object.entries<AnyProcedure>(table))
      procedures[`${namespace}.${name}`] = {
        kind: procedure.kind,
        access: procedure.access,
        summary: procedure.summary,
        order: procedure.order,
        // The input before defaults and transforms, since the result of a transform has no schema.
        input: z.toJSONSchema(procedure.input, { io: 'input', reused: 'inline', unrepresentable: 'any' }),
        output: z.toJSONSchema(procedure.output, { io: 'output', unrepresentable: 'any' }),
      }
  const whole = { version: CONTRACT_VERSION, limits: LIMITS, errors: APP_CODES, openSets: OPEN_SETS, procedures }
  return `${JSON.stringify(whole, null, 2)}\n`
}
