import { APP_CODES, type AnyProcedure, type AppErrorData, contract, list, task } from '@taskwire/contract'
import { expect } from 'vitest'
import { z } from 'zod'

const row = z.union([task, list])
const refusal = z.strictObject({
  message: z.string().min(1),
  code: z.int(),
  data: z.strictObject({
    code: z.string(),
    httpStatus: z.int(),
    appCode: z.enum(Object.keys(APP_CODES)),
    requestId: z.string().min(1),
    retryable: z.boolean(),
    retryAfterMs: z.number().optional(),
    fields: z.array(z.strictObject({ path: z.string(), message: z.string().min(1) })).optional(),
    current: z.record(z.string(), z.unknown()).optional(),
    revision: z.int().optional(),
  }),
})

/** The reply to one call, as sent. */
export interface Answer {
  result?: { data: unknown }
  error?: { message: string; data: AppErrorData }
}

export function procedureOf(path: string): AnyProcedure {
  const [namespace = '', name = ''] = path.split('.')
  const found = (contract as Record<string, Record<string, AnyProcedure>>)[namespace]?.[name]
  if (found === undefined) throw new Error(`The contract has no ${path}`)
  return found
}

/**
 * Checks a reply against the contract. Parsing removes unknown fields, so an equal result shows that there are none.
 */
export function checkAnswer(path: string, answer: unknown): Answer {
  if (typeof answer === 'object' && answer !== null && 'result' in answer) {
    const { data } = z.strictObject({ result: z.strictObject({ data: z.unknown() }) }).parse(answer).result
    expect(procedureOf(path).output.parse(data), `the reply of ${path}`).toStrictEqual(data)
    return { result: { data } }
  }
  const { error } = z.strictObject({ error: refusal }).parse(answer)
  const { appCode, code, httpStatus, retryable, current, fields } = error.data
  expect(httpStatus, `${path} answered ${appCode}`).toBeLessThan(500)
  expect({ code, httpStatus, retryable }).toEqual(APP_CODES[appCode as keyof typeof APP_CODES])
  const namesOneOfMany = appCode === 'ALREADY_EXISTS' && path === 'tasks.createMany'
  expect(fields !== undefined, 'VALIDATION and NOT_FOUND have fields').toBe(
    appCode === 'VALIDATION' || appCode === 'NOT_FOUND' || namesOneOfMany,
  )
  if (current !== undefined) expect(row.parse(current)).toStrictEqual(current)
  return { error: error as NonNullable<Answer['error']> }
}
