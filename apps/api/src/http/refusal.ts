import type { ServerResponse } from 'node:http'
import { CONTRACT_HEADER } from '@taskwire/contract'
import { AppError } from '../errors.ts'
import { errorBody } from '../trpc/shape.ts'

/**
 * Each kind of request has limits of its own, so that no kind keeps the others out. For example, many streams open at
 * once when another process has ended.
 */
export type Kind = 'calls' | 'streams' | 'signIns'
export type RequestRefusal = 'overloaded' | 'rate'

export interface Refusal {
  kind: Kind
  reason: RequestRefusal
  retryAfterMs: number
}

export const GATE_ERRORS: Record<RequestRefusal, (retryAfterMs: number) => AppError> = {
  overloaded: (retryAfterMs) =>
    new AppError('OVERLOADED', 'The service is overloaded; wait, and send the call again.', { retryAfterMs }),
  rate: (retryAfterMs) =>
    new AppError('RATE_LIMITED', 'Too many calls in a minute; wait before the next call.', { retryAfterMs }),
}

/**
 * Sends a prepared reply, without Fastify: at ten times the load that the service can serve, most of its work is
 * refusals. `origin` is the origin of the page that sent the request, if the page may read the reply.
 */
export function sendRefusal(response: ServerResponse, refusal: Refusal, id: string, origin: string | undefined): void {
  const { status, head, before, after } = refusalOf(
    refusal.kind,
    refusal.reason,
    Math.ceil(refusal.retryAfterMs / 1000),
  )
  // Error bodies of sign-in have no request id.
  const body = after === '' ? before : before + id + after
  const ownHeaders = ['content-length', String(body.length), 'x-request-id', id]
  response.writeHead(status, origin === undefined ? head.concat(ownHeaders) : head.concat(ownHeaders, CORS, origin))
  response.end(body, 'latin1')
}

const CORS = Object.entries({
  vary: 'Origin',
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'x-request-id, x-taskwire-contract, retry-after',
})
  .flat()
  .concat('access-control-allow-origin')

/** A prepared reply, in ASCII; the request's id goes between `before` and `after`. */
interface PreparedRefusal {
  status: number
  head: readonly string[]
  before: string
  after: string
}
const preparedRefusals = new Map<string, PreparedRefusal>()

function refusalOf(kind: Kind, reason: RequestRefusal, seconds: number): PreparedRefusal {
  const key = `${kind} ${reason} ${seconds}`
  const known = preparedRefusals.get(key)
  if (known !== undefined) return known
  const error = GATE_ERRORS[reason](seconds * 1000)
  const { appCode: code, message, httpStatus: status } = error
  const [before = '', after = ''] = JSON.stringify(
    kind === 'signIns' ? { code, message } : { error: errorBody(error, '<id>') },
  ).split('<id>')
  const head = Object.entries({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-taskwire-contract': CONTRACT_HEADER,
    'retry-after': String(seconds),
  }).flat()
  const refusal = { status, head, before, after }
  preparedRefusals.set(key, refusal)
  return refusal
}
