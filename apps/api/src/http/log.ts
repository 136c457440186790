import { DatabaseError } from '@taskwire/db'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'

const PATH_SHOWN = 200
// An input is in the query string of a query: it is not logged.
const pathOf = (url: string): string => (url.split('?', 1)[0] ?? '').slice(0, PATH_SHOWN)

export interface LogOptions {
  level: string
  /** Where the lines go; standard output unless told. */
  stream: { write(line: string): void } | undefined
}

/** One JSON line for each request and each failure, all with the request's id. */
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

/** Logs how each request was answered; those of probes at debug only. */
export function logRequests(app: FastifyInstance, addressOf: (request: FastifyRequest) => string): void {
  app.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done) => {
    const { method, url } = request
    const from = addressOf(request)
    request.log.info(
      { method, path: pathOf(url), status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10, from },
      'request',
    )
    done()
  })
}

// The driver's errors hold SQL and parameters, and PostgreSQL's hold rows: of these only the kind is logged.
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
