import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { CONTRACT_HEADER, LIMITS } from '@taskwire/contract'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { AppError, toAppError } from '../errors.ts'
import { errorBody, retryAfter } from '../trpc/shape.ts'

/** What Fastify itself refuses, as one of the contract's codes. */
export function fromFastify(error: FastifyError): AppError {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new AppError('LIMIT_EXCEEDED', `The request is larger than ${LIMITS.bodyBytes} bytes; send it in parts.`)
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new AppError('LIMIT_EXCEEDED', 'The address is too long; send fewer calls in one request.')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new AppError('VALIDATION', 'Send Content-Type: application/json.')
    default:
      if (error.statusCode !== undefined && error.statusCode < 500)
        return new AppError('VALIDATION', 'The request cannot be read; see that its address, headers and body agree.')
      return toAppError(error)
  }
}

/** Says why it failed in the log, where that is not the caller's doing. */
export function logFailure(request: FastifyRequest, error: AppError, path?: string): void {
  if (error.httpStatus < 500) return
  const level = error.httpStatus === 503 ? 'warn' : 'error'
  request.log[level]({ err: error, appCode: error.appCode, path }, 'call failed')
}

/** Answers with a refusal, in the shape of all others. */
export async function refuse(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const appError = fromFastify(error)
  logFailure(request, appError)
  const wait = retryAfter([appError])
  if (wait !== undefined) reply.header('retry-after', wait)
  // Where the address could not be read, no hook has run.
  reply.header('x-request-id', request.id).header('x-taskwire-contract', CONTRACT_HEADER)
  await reply.code(appError.httpStatus).send({ error: errorBody(appError, request.id) })
}

/** Refuses what is HTTP by its grammar alone, and that no web address or request can be made of. */
export function refuseOdd({ method, headers, httpVersion }: IncomingMessage): void {
  // Methods that the Fetch standard forbids.
  if (/^(CONNECT|TRACE|TRACK)$/i.test(method ?? ''))
    throw new AppError('VALIDATION', 'Queries are sent by GET, and mutations by POST.')
  const { host } = headers
  if (host === undefined ? httpVersion === '1.1' : !URL.canParse(`http://${host}`))
    throw new AppError('VALIDATION', 'The header Host is missing, or not that of a web address.')
}

/** Answers what has not come as far as Fastify. */
export function refuseBare(response: ServerResponse, error: AppError): void {
  const id = uuidv7()
  const body = JSON.stringify({ error: errorBody(error, id) })
  const type = 'application/json; charset=utf-8'
  response
    .writeHead(error.httpStatus, { 'content-type': type, 'x-content-type-options': 'nosniff', 'x-request-id': id })
    .end(body)
}

/** Answers what is not even HTTP, or has too many headers, and hangs up. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return
  // Time is up on a connection that nothing was ever sent on: an answer would be taken for that of a request on its way.
  if (socket.bytesRead === 0) return void socket.destroy()
  const appError =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new AppError('LIMIT_EXCEEDED', 'The address and headers are too long; send less of them.')
      : new AppError('VALIDATION', 'The request cannot be read as HTTP, or did not arrive in time.')
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
