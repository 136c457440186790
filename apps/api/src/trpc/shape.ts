import { APP_CODES, type AppErrorData, type FieldError, LIMITS } from '@taskwire/contract'
import type { TRPCError } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { z, ZodError } from 'zod'
import { AppError, INTERNAL_MESSAGE, toAppError } from '../errors.ts'

/** The `error` in the body of every error response, from tRPC or not. The routes of /auth have bodies of their own. */
export interface ErrorBody {
  message: string
  /** JSON-RPC's number for `data.code`. Clients of tRPC recognise an error by it. */
  code: number
  data: AppErrorData
}

/** Most fields that one error lists. */
export const FIELDS_SHOWN = 100

/** Converts issues to the contract's field errors, with an entry for each unknown field. */
export function fieldsOf(error: Pick<ZodError, 'issues'>): FieldError[] {
  const fields: FieldError[] = []
  for (const issue of error.issues.slice(0, FIELDS_SHOWN).flatMap(unionIssues)) {
    const path = issue.path.map(String)
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys.slice(0, FIELDS_SHOWN))
        fields.push({ path: [...path, key].join('.').slice(0, 200), message: 'is not a field of this input' })
    else
      fields.push({
        path: path.join('.'),
        message: issue.message.replace(/^Invalid input: expected/, 'is not valid: expected'),
      })
    if (fields.length >= FIELDS_SHOWN) break
  }
  return fields.slice(0, FIELDS_SHOWN)
}

/** For a union, returns the issues of the member for which the value seems to be meant; otherwise the issue itself. */
function unionIssues(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const [meant, ...others] = issue.errors.filter((issues) => issues.every(({ path }) => path.length > 0))
  if (meant === undefined || others.length > 0) return [issue]
  return meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** Returns the AppError of a failed call, or maps an error of tRPC itself. */
export function callError(error: TRPCError): unknown {
  if (error.cause instanceof AppError) return error.cause
  switch (error.code) {
    case 'NOT_FOUND':
      return new AppError(
        'CONTRACT_MISMATCH',
        'This service has no such procedure; system.contract returns the version that it serves.',
      )
    case 'METHOD_NOT_SUPPORTED':
      return new AppError('VALIDATION', 'Send queries and subscriptions by GET, and mutations by POST.')
    case 'UNSUPPORTED_MEDIA_TYPE':
      return new AppError('VALIDATION', 'Send Content-Type: application/json.')
    case 'PARSE_ERROR':
    case 'BAD_REQUEST':
      // tRPC has no code for this error.
      if (error.message === 'Cannot batch subscription calls')
        return new AppError('VALIDATION', 'A subscription cannot be part of a batch; send it as a request of its own.')
      return error.message.includes('exceeds maximum size')
        ? new AppError('LIMIT_EXCEEDED', `A request can have at most ${LIMITS.batch} calls; send them in parts.`)
        : new AppError(
            'VALIDATION',
            'The request cannot be parsed: its input must be JSON. The input of a batch must be an object with one entry per call, and its calls all queries or all mutations.',
          )
    default:
      return error
  }
}

/** Returns the body of an error. INTERNAL has a fixed message, which reveals nothing. */
export function errorBody(error: unknown, requestId: string): ErrorBody {
  const { appCode, details, message } = toAppError(error)
  const { code, httpStatus, retryable } = APP_CODES[appCode]
  const { current, revision, retryAfterMs } = details
  const fields = details.fields ?? (appCode === 'VALIDATION' ? [{ path: '', message }] : undefined)
  return {
    message: appCode === 'INTERNAL' ? INTERNAL_MESSAGE : message,
    code: TRPC_ERROR_CODES_BY_KEY[code],
    data: {
      code,
      httpStatus,
      appCode,
      requestId,
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(fields === undefined ? {} : { fields }),
      ...(current === undefined ? {} : { current }),
      ...(revision === undefined ? {} : { revision }),
    },
  }
}

/** The value of Retry-After for these errors, in seconds; undefined if none has a delay. */
export function retryAfter(errors: readonly unknown[]): string | undefined {
  const waits = errors.map((error) => toAppError(error).details.retryAfterMs ?? 0)
  const wait = Math.max(0, ...waits)
  return wait > 0 ? String(Math.ceil(wait / 1000)) : undefined
}
