import type { AppErrorData } from '@taskwire/contract/errors'
import { CONTRACT_HEADER, CONTRACT_VERSION } from '@taskwire/contract/version'
import { TaskwireError } from './errors.ts'
import type { ErrorShape } from './router.ts'

/** An answer that is not the service's: a proxy's page, or nothing that can be read. */
export class UnreadableAnswer extends Error {
  override name = 'UnreadableAnswer'
  readonly httpStatus: number

  constructor({ status }: Response, cause?: unknown) {
    super(`The answer, with status ${status}, is not the service's`, { cause })
    this.httpStatus = status
  }
}

export function unreadable(response: Response, reason?: unknown): TaskwireError {
  const { status, headers } = response
  const cause = new UnreadableAnswer(response, reason)
  // The same request may fare better later, unless it was refused as it stands.
  const retryable = status < 400 || status >= 500 || [408, 425, 429].includes(status)
  return new TaskwireError(cause.message, { appCode: 'NETWORK', retryable, retryAfterMs: retryAfterMs(headers) }, cause)
}

/** The wait that an answer asks for; undefined where it asks for none, or for a date. */
export function retryAfterMs(headers: Headers): number | undefined {
  const seconds = headers.get('retry-after') ?? ''
  return /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined
}

/** A refusal: of one call, or of a whole request before any call of it was looked at, which has no number. */
export interface Refused {
  error: { message: string; code?: number; data: AppErrorData }
}

export function isRefused(body: unknown): body is Refused {
  const { error } = (body ?? {}) as { error?: { data?: { appCode?: unknown } } }
  return typeof error?.data?.appCode === 'string'
}

/** The error of a refusal; of a procedure that the service does not have, with what to do about it. */
export function refusalOf({ error }: Refused, path: string, { headers }: Response): TaskwireError {
  const shape: ErrorShape = { code: -32_600, ...error }
  const mismatch = error.data.appCode === 'CONTRACT_MISMATCH'
  const message = mismatch ? wordsOfMismatch(path, headers.get('x-taskwire-contract'), error.message) : error.message
  return new TaskwireError(message, shape)
}

function wordsOfMismatch(path: string, served: string | null, said: string): string {
  const theirs = served?.split(';', 1)[0]
  if (theirs === undefined) return `${path}: ${said} This client was made for version ${CONTRACT_VERSION}.`
  const versions = `The service has version ${theirs} of the contract, and this client was made for ${CONTRACT_VERSION}`
  if (theirs.split('.', 1)[0] !== CONTRACT_VERSION.split('.', 1)[0])
    return `${path}: ${versions}: use the client of the same major version.`
  const none = `The service has no procedure ${path}.`
  return served === CONTRACT_HEADER
    ? `${none} ${versions}, the same: see that the name is spelt right.`
    : `${none} ${versions}: update the older one, and see that the name is spelt right.`
}

/** The answer to a subscription; throws what else was answered. */
export async function readStream(response: Response, path: string): Promise<Response> {
  if (response.ok && response.headers.get('content-type')?.startsWith('text/event-stream')) return response
  const body: unknown = await response.json().catch(() => {})
  throw isRefused(body) ? refusalOf(body, path, response) : unreadable(response)
}

/** The answer to a batch: one entry a call, or one refusal of all. */
export async function readAnswers(response: Response): Promise<unknown[] | Refused> {
  const text = await response.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    throw unreadable(response, cause)
  }
  if (Array.isArray(body) || isRefused(body)) return body
  throw unreadable(response)
}
