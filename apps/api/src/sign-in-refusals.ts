import type { FieldError } from '@taskwire/contract'
import { DatabaseError } from '@taskwire/db'
import { toAppError } from './errors.ts'

/** Where another request came in between what the library read and what it wrote: its own words for it. */
const OVERTAKEN: Record<string, () => Response> = {
  users_email_key: () =>
    refusal(422, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL', 'User already exists. Use another email.'),
  sessions_user_id_fkey: () => refusal(401, 'INVALID_EMAIL_OR_PASSWORD', 'Invalid email or password'),
}

/** What answers a request that has failed. */
export function refusalAfter(error: unknown): Response {
  const overtaken = error instanceof DatabaseError ? OVERTAKEN[error.constraint ?? ''] : undefined
  if (overtaken) return overtaken()
  const { appCode, httpStatus, details, message } = toAppError(error)
  const headers =
    details.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(details.retryAfterMs / 1000)) }
  const told = appCode === 'RATE_LIMITED' ? message : 'This could not be done at the moment; try again.'
  return refusal(httpStatus, appCode, told, { headers })
}

/** In the shape of better-auth's own. */
export function refusal(
  status: number,
  code: string,
  message: string,
  { headers = {}, fields }: { headers?: Record<string, string>; fields?: FieldError[] } = {},
): Response {
  return Response.json({ code, message, fields }, { status, headers: { 'cache-control': 'no-store', ...headers } })
}
