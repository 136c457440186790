import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { APP_CODES, CONTRACT_HEADER, type KnownAppCode, LIMITS } from '@taskwire/contract'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { AppError, toAppError } from '../errors.ts'
import { errorBody, retryAfter } from '../trpc/shape.ts'

/** Maps an error of Fastify to one of the contract's codes. */
function fromFastify(error: FastifyError, bodyLimit: number = LIMITS.bodyBytes): AppError {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new AppError('LIMIT_EXCEEDED', `The request is larger than ${bodyLimit} bytes; send it in parts.`)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new AppError('VALIDATION', 'Send Content-Type: application/json.')
    default:
      if (error.statusCode !== undefined && error.statusCode < 500)
        return new AppError('VALIDATION', 'The request cannot be parsed; check its URL, headers and body.')
      return toAppError(error)
  }
}

/** What an error of a host's hook means below the prefix, by its status. The host's own message may not be for callers. */
const HOST_REFUSALS: Readonly<Record<number, [code: KnownAppCode, message: string] | undefined>> = {
  401: ['UNAUTHENTICATED', 'Not signed in: the application refused the request. Sign in to the application.'],
  403: ['FORBIDDEN', 'The application does not allow this request.'],
  429: ['RATE_LIMITED', 'Too many requests to the application; wait before the next one.'],
  503: ['UNAVAILABLE', 'The application cannot serve the request now; send it again.'],
}

/** Maps an error that a hook, of the host or of Fastify, has thrown. Keeps a Retry-After in seconds that the host has set. */
export function fromHook(error: FastifyError, reply: FastifyReply, bodyLimit?: number): AppError {
  const [code, message] = HOST_REFUSALS[error.statusCode ?? 0] ?? []
  if (code === undefined || message === undefined) return fromFastify(error, bodyLimit)
  const wait = Number(reply.getHeader('retry-after') ?? 1)
  const retryAfterMs = APP_CODES[code].retryable ? (wait > 0 ? wait : 1) * 1000 : undefined
  return new AppError(code, message, { cause: error, retryAfterMs })
}

/** The error for a URL at which nothing is served. */
export const nothingServed = (): AppError =>
  new AppError('NOT_FOUND', 'Nothing is served at this address; calls go to /trpc, and signing in to /auth.')

/** Logs an error that the caller did not cause. */
export function logFailure(request: FastifyRequest, error: AppError, path?: string): void {
  if (error.httpStatus < 500) return
  const level = error.httpStatus === 503 ? 'warn' : 'error'
  request.log[level]({ err: error, appCode: error.appCode, path }, 'call failed')
}

/** Fastify's error handler: replies with the contract's error body. */
export async function refuse(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const appError = fromHook(error, reply, request.routeOptions.bodyLimit)
  logFailure(request, appError)
  const wait = retryAfter([appError])
  if (wait !== undefined) reply.header('retry-after', wait)
  // If the URL could not be parsed, the hook that sets these headers has not run.
  reply.header('x-request-id', request.id).header('x-taskwire-contract', CONTRACT_HEADER)
  await reply.code(appError.httpStatus).send({ error: errorBody(appError, request.id) })
}

/** Throws for a request that Node's parser accepts, but that cannot be turned into a valid URL or Fetch request. */
export function refuseOdd({ method, headers, httpVersion }: IncomingMessage): void {
  // The methods that the Fetch standard forbids.
  if (/^(CONNECT|TRACE|TRACK)$/i.test(method ?? ''))
    throw new AppError('VALIDATION', 'Send queries by GET, and mutations by POST.')
  const { host } = headers
  if (host === undefined ? httpVersion === '1.1' : !URL.canParse(`http://${host}`))
    throw new AppError('VALIDATION', 'The header Host is missing or invalid.')
}

/** Replies to a request that Node has not passed on to Fastify. */
export function refuseBare(response: ServerResponse, error: AppError): void {
  const id = uuidv7()
  const body = JSON.stringify({ error: errorBody(error, id) })
  const type = 'application/json; charset=utf-8'
  response
    .writeHead(error.httpStatus, { 'content-type': type, 'x-content-type-options': 'nosniff', 'x-request-id': id })
    .end(body)
}

/** Replies to a request that Node cannot parse or whose headers are too long, and closes the connection. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return
  // After a time-out before the first byte, a client that is just sending a request would take a reply for its own.
  if (socket.bytesRead === 0) return void socket.destroy()
  const appError =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new AppError('LIMIT_EXCEEDED', 'The URL and headers are too long; shorten them.')
      : new AppError('VALIDATION', 'The request is not valid HTTP, or did not arrive in time.')
  const id = uuidv7()
  const body = JSON.stringify({ error: errorBody(appError, id) })
  const status = appError.httpStatus === 422 ? '422 Unprocessable Content' : '400 Bad Request'
  socket.end(
    [
      `HTTP/1.1 ${status}`,
      'content-type: application/json; charset=utf-8',
      'x-content-type-options: nosniff',
      `x-request-id: ${id}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
