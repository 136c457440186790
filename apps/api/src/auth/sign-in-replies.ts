import type { FieldError } from '@taskwire/contract'
import { toAppError } from '../errors.ts'

/** What a refused sign-in says to people: their own refusals are reworded for programs that call. */
const TOLD = new Set(['RATE_LIMITED', 'OVERLOADED'])

export function reply(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } })
}

/** What answers a request that has failed. */
export function refusalAfter(error: unknown): Response {
  const { appCode, httpStatus, details, message } = toAppError(error)
  const headers: Record<string, string> =
    details.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(details.retryAfterMs / 1000)) }
  const told = TOLD.has(appCode) ? message : 'This could not be done at the moment; try again.'
  return refusal(httpStatus, appCode, told, { headers })
}

export function refusal(
  status: number,
  code: string,
  message: string,
  { headers = {}, fields }: { headers?: Record<string, string>; fields?: FieldError[] } = {},
): Response {
  return reply(status, { code, message, fields }, headers)
}
