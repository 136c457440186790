import type { FieldError } from '@taskwire/contract'
import { toAppError } from '../errors.ts'

/**
 * The codes whose message is shown to the person who signs in. Other messages are written for callers of tRPC
 * procedures, so a general one replaces them.
 */
const PASSED_ON = new Set(['RATE_LIMITED', 'OVERLOADED'])

export function reply(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } })
}

/** Maps a thrown error to a response. */
export function refusalOf(error: unknown): Response {
  const { appCode, httpStatus, details, message } = toAppError(error)
  const headers: Record<string, string> =
    details.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(details.retryAfterMs / 1000)) }
  const shown = PASSED_ON.has(appCode) ? message : 'The request failed; retry.'
  return refusal(httpStatus, appCode, shown, { headers })
}

export function refusal(
  status: number,
  code: string,
  message: string,
  { headers = {}, fields }: { headers?: Record<string, string>; fields?: FieldError[] } = {},
): Response {
  return reply(status, { code, message, fields }, headers)
}
