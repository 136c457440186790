import { DatabaseError } from '@taskwire/db'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import { isOwnCall } from './network.ts'

const PATH_SHOWN = 200
// The query string is not logged, since it holds the input of queries.
const pathOf = (url: string): string => (url.split('?', 1)[0] ?? '').slice(0, PATH_SHOWN)

export interface LogOptions {
  level: string
  /** Standard output by default. */
  stream: { write(line: string): void } | undefined
}

/** Logger options: one JSON line for each request and each failure, with the request's id. */
export function loggerOf({ level, stream }: LogOptions): NonNullable<FastifyServerOptions['logger']> {
  return {
    level,
    ...(stream === undefined ? {} : { stream }),
    serializers: {
      req: (request: FastifyRequest) => ({ method: request.method, path: pathOf(request.url) }),
      err: describeError,
    },
  }
}

/** Logs the response to each request. */
export function logRequests(app: FastifyInstance, addressOf: (request: FastifyRequest) => string): void {
  app.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done) => {
    if (isOwnCall(request.raw)) return done()
    const { method, url } = request
    const from = addressOf(request)
    request.log.info(
      { method, path: pathOf(url), status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10, from },
      'request',
    )
    done()
  })
}

/** Describes an error without its messages, since errors of the driver and of PostgreSQL contain SQL, parameters and rows. */
export function describeError(error: Error): { type: string; message: string; stack: string } {
  const causes: string[] = []
  for (let cause: unknown = error; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    const code: unknown = Reflect.get(cause, 'code')
    const detail = cause instanceof DatabaseError ? [cause.fault, cause.constraint] : [code]
    causes.push([cause.name, ...detail.filter((part) => typeof part === 'string')].join(' '))
  }
  const frames =
    (error.cause instanceof Error ? error.cause : error).stack
      ?.split('\n')
      .filter((line) => line.trimStart().startsWith('at ')) ?? []
  return { type: error.name, message: causes.join(' < '), stack: frames.slice(0, 12).join('\n') }
}
