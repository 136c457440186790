import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import cors from '@fastify/cors'
import { CONTRACT_HEADER, LIMITS } from '@taskwire/contract'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import { AppError } from '../errors.ts'
import type { AdmissionGate } from './admission-gate.ts'
import { nothingServed, refuse, refuseBare, refuseOdd, refuseUnreadable } from './error-replies.ts'
import type { FrontEnd } from './front-end.ts'
import type { Host } from './host.ts'
import { loggerOf, logRequests } from './log.ts'
import { addressOf } from './network.ts'
import { ownOrigins } from './origins.ts'
import { warnOfRefusedOrigins } from './refused-origins.ts'
import { refusesPipelined } from './sockets.ts'

export interface ServerOptions {
  /** True once the service is shutting down: readiness then fails, so that balancers choose other instances. */
  isStopping(): boolean
  baseUrl: string
  origins: readonly string[]
  trustProxy: boolean
  logLevel: string
  /** Where the log goes; standard output by default. */
  logStream?: { write(line: string): void }
}

/** Creates the HTTP server with its log, but without routes. */
export function createServer(
  { baseUrl, origins, trustProxy, logLevel, logStream }: ServerOptions,
  admissionGate: AdmissionGate,
): FastifyInstance {
  const app = Fastify<Server>({
    logger: loggerOf({ level: logLevel, stream: logStream }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: LIMITS.bodyBytes,
    serverFactory: admissionGate.serverFactory,
    requestIdHeader: false,
    genReqId: requestIdOf,
    // Requests that arrive while the server closes are still served: the database closes last.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void refuse(error, request, reply),
    clientErrorHandler: refuseUnreadable,
  })
  // Added before CORS, which answers preflights itself.
  warnOfRefusedOrigins(app, [...ownOrigins(baseUrl), ...origins])
  // Without this listener, Node answers with an empty body.
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    if (refusesPipelined(request, response)) return
    response.shouldKeepAlive = false
    refuseBare(
      response,
      new AppError('VALIDATION', 'The only Expect header that is supported is 100-continue; leave the header out.'),
    )
  })
  logRequests(app, ({ raw }) => addressOf(raw, trustProxy))
  return app
}

/** Adds headers, CORS and error replies to the server, or to the service's scope in the server of a host. */
export async function addReplies(
  app: FastifyInstance,
  {
    isStopping,
    origins,
    host,
    frontEnd,
  }: Pick<ServerOptions, 'isStopping' | 'origins'> & { host?: Host | undefined; frontEnd?: FrontEnd | undefined },
): Promise<void> {
  const security = host === undefined ? { ...SECURITY_HEADERS, ...HTTPS_ONLY } : SECURITY_HEADERS
  // Only a scope that registers its own parser reads bodies, so that each states the types and sizes it accepts.
  app.removeAllContentTypeParsers()
  // If the host has registered the same plugin, its own CORS settings apply.
  if (!app.hasRequestDecorator('corsPreflightEnabled'))
    await app.register(cors, {
      origin: [...origins],
      credentials: true,
      methods: ['GET', 'POST'],
      exposedHeaders: ['x-request-id', 'x-taskwire-contract', 'retry-after'],
      maxAge: 600,
      // Otherwise the plugin refuses invalid preflights in plain text.
      strictPreflight: false,
    })
  // Hooks without asynchronous work call done(): a promise for each request costs measurably.
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(security).header('x-request-id', request.id).header('x-taskwire-contract', CONTRACT_HEADER)
    // The client then opens its next connection to another instance, before this process closes.
    if (isStopping()) reply.header('connection', 'close')
    refuseOdd(request.raw)
    done()
  })
  app.setErrorHandler(refuse)
  app.setNotFoundHandler((request, reply) => {
    if (frontEnd?.answer(request, reply) !== true) throw nothingServed()
  })
}

/** The headers that OWASP recommends for an API, whose replies no page shows. The password reset page sets its own. */
const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}
/** Browsers apply this header to the whole domain, so a plugin leaves it to its host. */
const HTTPS_ONLY = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }

const REQUEST_ID = /^[\w.:-]{1,100}$/

export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
}
