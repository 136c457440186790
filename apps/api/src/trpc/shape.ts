import { APP_CODES, type AppErrorData, type FieldError, LIMITS } from '@taskwire/contract'
import type { TRPCError } from '@trpc/server'
import type { ZodError } from 'zod'
import { AppError, INTERNAL_MESSAGE, toAppError } from '../errors.ts'

/** The issues of an input by their fields; each unknown field is named. */
export function fieldsOf(error: ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String)
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: [...path, key].join('.').slice(0, 200),
        message: 'is not a field of this input',
      }))
    return [
      { path: path.join('.'), message: issue.message.replace(/^Invalid input: expected/, 'is not valid: expected') },
    ]
  })
}

/** What a failed call has thrown, or what tRPC itself found wrong with the request. */
export function callError(error: TRPCError): unknown {
  if (error.cause instanceof AppError) return error.cause
  switch (error.code) {
    case 'NOT_FOUND':
      return new AppError(
        'CONTRACT_MISMATCH',
        'This service has no such procedure; system.contract says what version it serves.',
      )
    case 'PARSE_ERROR':
      return new AppError('VALIDATION', 'The request is not JSON; send the input as JSON.', {
        fields: [{ path: '', message: 'is not JSON' }],
      })
    case 'METHOD_NOT_SUPPORTED':
      return new AppError('VALIDATION', 'Queries are sent by GET, and mutations by POST.')
    case 'UNSUPPORTED_MEDIA_TYPE':
      return new AppError('VALIDATION', 'Send Content-Type: application/json.')
    case 'PAYLOAD_TOO_LARGE':
      return new AppError('LIMIT_EXCEEDED', `The request is larger than ${LIMITS.bodyBytes} bytes; send it in parts.`)
    case 'BAD_REQUEST':
      return new AppError(
        error.message.toLowerCase().includes('batch') ? 'LIMIT_EXCEEDED' : 'VALIDATION',
        `The request cannot be read; a batch has at most ${LIMITS.batch} calls, and its input an entry for each.`,
      )
    default:
      return error
  }
}

/** `error.data`, the closed set of what a refusal says. */
export function errorShape(error: TRPCError, requestId: string | undefined): AppErrorData {
  const appError = toAppError(callError(error))
  const { code, httpStatus, retryable } = APP_CODES[appError.appCode]
  const { fields, current, revision, retryAfterMs } = appError.details
  return {
    code,
    httpStatus,
    appCode: appError.appCode,
    requestId: requestId ?? '',
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(fields === undefined ? {} : { fields }),
    ...(current === undefined ? {} : { current }),
    ...(revision === undefined ? {} : { revision }),
  }
}

/** The same refusal for what is not tRPC: a body of `{error: {message, data}}`. */
export function plainError(error: AppError, requestId: string): { error: { message: string; data: AppErrorData } } {
  const shown = error.appCode === 'INTERNAL' ? INTERNAL_MESSAGE : error.message
  const { code, httpStatus, retryable } = APP_CODES[error.appCode]
  const { retryAfterMs } = error.details
  return {
    error: {
      message: shown,
      data: {
        code,
        httpStatus,
        appCode: error.appCode,
        requestId,
        retryable,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      },
    },
  }
}
