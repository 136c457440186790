import type { AppErrorData } from '@taskwire/contract/errors'
import { CONTRACT_HEADER, CONTRACT_VERSION } from '@taskwire/contract/version'
import { type ErrorShape, TaskwireError } from './errors.ts'

/** A response that cannot be read, or did not come from the service, such as a proxy's page. */
export class UnreadableResponse extends Error {
  override name = 'UnreadableResponse'
  readonly httpStatus: number

  constructor({ status }: Response, cause?: unknown) {
    super(`The response with status ${status} is not a valid Taskwire response`, { cause })
    this.httpStatus = status
  }
}

export function unreadableResponse(response: Response, reason?: unknown): TaskwireError {
  const { status, headers } = response
  const cause = new UnreadableResponse(response, reason)
  // With any other 4xx status, the request itself is refused, so a retry would not help.
  const retryable = status < 400 || status >= 500 || [408, 425, 429].includes(status)
  return new TaskwireError(cause.message, { appCode: 'NETWORK', retryable, retryAfterMs: retryAfterMs(headers) }, cause)
}

/** Returns the delay of a `Retry-After` header; undefined if there is no such header, or it has a date. */
export function retryAfterMs(headers: Headers): number | undefined {
  const seconds = headers.get('retry-after') ?? ''
  return /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined
}

/**
 * An error of one call, or of a whole request that was refused before its calls were read. Only the first has `code`.
 */
export interface ErrorReply {
  error: { message: string; code?: number; data: AppErrorData }
}

export function isErrorReply(body: unknown): body is ErrorReply {
  const { error } = (body ?? {}) as { error?: { data?: { appCode?: unknown } } }
  return typeof error?.data?.appCode === 'string'
}

/** Creates the error of a reply. For CONTRACT_MISMATCH, the message has both versions and says what to do. */
export function errorOfReply({ error }: ErrorReply, path: string, { headers }: Response): TaskwireError {
  const shape: ErrorShape = { code: -32_600, ...error }
  const mismatch = error.data.appCode === 'CONTRACT_MISMATCH'
  const message = mismatch ? describeMismatch(path, headers.get('x-taskwire-contract'), error.message) : error.message
  return new TaskwireError(message, shape)
}

function describeMismatch(path: string, served: string | null, message: string): string {
  const version = served?.split(';', 1)[0]
  if (version === undefined) return `${path}: ${message} This client was made for version ${CONTRACT_VERSION}.`
  const versions = `The service has version ${version} of the contract, and this client was made for ${CONTRACT_VERSION}`
  if (version.split('.', 1)[0] !== CONTRACT_VERSION.split('.', 1)[0])
    return `${path}: ${versions}: use the client of the same major version.`
  const missing = `The service has no procedure ${path}.`
  return served === CONTRACT_HEADER
    ? `${missing} ${versions}, the same: check that the name is spelt right.`
    : `${missing} ${versions}: update the older one, and check that the name is spelt right.`
}

/** Returns the response to a subscription if it is an event stream; throws otherwise. */
export async function checkStream(response: Response, path: string): Promise<Response> {
  if (response.ok && response.headers.get('content-type')?.startsWith('text/event-stream')) return response
  const body: unknown = await response.json().catch(() => {})
  throw isErrorReply(body) ? errorOfReply(body, path, response) : unreadableResponse(response)
}

/** Reads the response to a batch: one reply per call, or one error for all. */
export async function readReplies(response: Response): Promise<unknown[] | ErrorReply> {
  const text = await response.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    throw unreadableResponse(response, cause)
  }
  if (Array.isArray(body) || isErrorReply(body)) return body
  throw unreadableResponse(response)
}
