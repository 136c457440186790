import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import { CONTRACT_HEADER, CONTRACT_VERSION, LIMITS } from '@taskwire/contract'
import type { Caller, Database } from '@taskwire/db'
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify'
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import type { RequestContext } from './context.ts'
import { AppError, INTERNAL_MESSAGE, toAppError } from './errors.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createRates } from './rates.ts'
import { callerOf, refuseForeignPages } from './caller.ts'
import type { SignIn } from './sign-in.ts'
import { tooDeep } from './depth.ts'
import { createRouter } from './trpc/router.ts'
import { callError, plainError } from './trpc/shape.ts'
import { createWriters } from './writers.ts'

export interface AppOptions {
  database: Database
  signIn: SignIn
  /** Extends a session in use that ends soon. */
  extendSession(credential: Uint8Array): Promise<void>
  /** False until the database has been checked: nothing is sent to it before. */
  isPrepared(): boolean
  /** Whether every migration of this release has been applied. */
  isMigrated(): Promise<boolean>
  baseUrl: string
  origins: readonly string[]
  rateLimitPerMinute: number
  logLevel: string
  trustProxy: boolean
  /** Where the log goes; standard output unless told. */
  logStream?: { write(line: string): void }
}

const REQUEST_ID = /^[\w.:-]{1,100}$/
const DAY_MS = 24 * 60 * 60 * 1000
const EXTENDED_BELOW_MS = 6 * DAY_MS

/** Builds the service; nothing listens yet. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { database, signIn, baseUrl, origins } = options
  const app = Fastify({
    logger: {
      level: options.logLevel,
      ...(options.logStream === undefined ? {} : { stream: options.logStream }),
      // An input is in the query string of a query, and credentials in the headers: neither is logged.
      serializers: {
        req: (request: FastifyRequest) => ({
          method: request.method,
          path: request.url.split('?', 1)[0],
          from: request.ip,
        }),
        err: describeError,
      },
    },
    bodyLimit: LIMITS.bodyBytes,
    // A sender that is slower than this is cut off.
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    trustProxy: options.trustProxy,
    routerOptions: { maxParamLength: 5000 },
    requestIdHeader: false,
    genReqId: (raw) => {
      const given = raw.headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : uuidv7()
    },
    return503OnClosing: true,
    forceCloseConnections: 'idle',
  })
  await app.register(helmet, { contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] } } })
  await app.register(cors, {
    origin: [...origins],
    credentials: true,
    methods: ['GET', 'POST'],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: 600,
  })

  const metrics = createMetrics(database)
  const writers = createWriters()
  const rates = createRates(options.rateLimitPerMinute)
  const extending = new Set<string>()

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('x-taskwire-contract', CONTRACT_HEADER)
    const offered = request.headers['x-taskwire-contract']
    if (typeof offered === 'string' && offered.split('.', 1)[0] !== CONTRACT_VERSION.split('.', 1)[0])
      throw new AppError(
        'CONTRACT_MISMATCH',
        `This service speaks version ${CONTRACT_VERSION} of the contract; use a client of the same major version.`,
      )
  })
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const appError = fromFastify(error)
    if (appError.httpStatus >= 500) request.log.error({ err: error }, 'request failed')
    const wait = appError.details.retryAfterMs
    if (wait !== undefined) reply.header('retry-after', String(Math.ceil(wait / 1000)))
    return reply.code(appError.httpStatus).send(plainError(appError, request.id))
  })
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send(
        plainError(
          new AppError('NOT_FOUND', 'There is nothing here; calls go to /trpc, signing in to /auth.'),
          request.id,
        ),
      ),
  )

  // The extension is nobody's to wait for; a failure is tried again by the next call.
  function extend({ credential }: Caller, expiresAt: string | null, log: FastifyBaseLogger): void {
    if (expiresAt === null || Date.parse(expiresAt) - Date.now() > EXTENDED_BELOW_MS) return
    const key = Buffer.from(credential).toString('base64')
    if (extending.has(key)) return
    extending.add(key)
    options
      .extendSession(credential)
      .catch((error: unknown) => log.warn({ err: error }, 'could not extend a session'))
      .finally(() => extending.delete(key))
  }

  function contextOf(request: FastifyRequest): RequestContext {
    const caller = callerOf(request.headers)
    const address = request.ip
    return {
      database,
      writers,
      caller,
      requestId: request.id,
      log: request.log,
      async admit() {
        if (!options.isPrepared()) throw notPrepared()
        await rates.take(caller === undefined ? address : (writers.userOf(caller) ?? rates.keyOf(caller)))
      },
      onCall: (path, outcome, milliseconds) => metrics.call(path, outcome, milliseconds),
      onEntered(entered, userId, expiresAt) {
        writers.learn(entered, userId)
        extend(entered, expiresAt, request.log)
      },
    }
  }

  await app.register(async (scope) => {
    scope.addHook('onRequest', async (request) =>
      refuseForeignPages(request.headers, [new URL(baseUrl).origin, ...origins]),
    )
    scope.addHook('preHandler', async (request) => {
      const { input } = request.query as { input?: unknown }
      for (const text of [request.body, input])
        if (typeof text === 'string' && tooDeep(text, LIMITS.depth))
          throw new AppError('VALIDATION', `The input is nested deeper than ${LIMITS.depth} levels.`)
    })
    const router = createRouter()
    const trpcOptions: FastifyTRPCPluginOptions<typeof router>['trpcOptions'] = {
      router,
      maxBatchSize: LIMITS.batch,
      createContext: ({ req }: { req: FastifyRequest }) => contextOf(req),
      responseMeta: ({ errors }) => {
        const waits = errors.map((error) => toAppError(callError(error)).details.retryAfterMs ?? 0)
        const wait = Math.max(0, ...waits)
        const headers = new Headers({ 'cache-control': 'no-store' })
        if (wait > 0) headers.set('retry-after', String(Math.ceil(wait / 1000)))
        return { headers }
      },
      onError({ error, path, req }) {
        const appError = toAppError(callError(error))
        if (appError.httpStatus >= 500) req.log.error({ err: appError, path }, 'call failed')
      },
    }
    await scope.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions })
    // The plugin takes multipart for mutations: none here has a file.
    scope.removeContentTypeParser('multipart/form-data')
  })

  await app.register(async (scope) => {
    // Handed over as it came: the sign-in library reads and judges it.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.all('/auth/*', async (request, reply) => {
      if (!options.isPrepared()) throw notPrepared()
      const headers = new Headers()
      for (const [name, value] of Object.entries(request.headers))
        if (typeof value === 'string') headers.set(name, value)
      const body = Buffer.isBuffer(request.body) ? { body: new Uint8Array(request.body) } : {}
      const response = await signIn.handle(
        new Request(new URL(request.url, baseUrl), { method: request.method, headers, ...body }),
        request.ip,
      )
      return await reply.send(response)
    })
  })

  addHealth(app, options, metrics)
  return app
}

const notPrepared = (): AppError =>
  new AppError('UNAVAILABLE', 'The database cannot be reached yet; send the call again.', { retryAfterMs: 1000 })

function addHealth(app: FastifyInstance, { database, isPrepared, isMigrated }: AppOptions, metrics: Metrics): void {
  app.get('/health/live', { logLevel: 'warn' }, () => ({ status: 'ok' }))
  app.get('/health/ready', { logLevel: 'warn' }, async (_request, reply) => {
    try {
      await database.query({ text: 'select 1', parameters: [] })
      if (isPrepared() && (await isMigrated())) return { status: 'ok' }
      return await reply.code(503).send({
        status: 'unavailable',
        reason: 'The database has not been checked yet, or lacks migrations of this release (npm run db:migrate).',
      })
    } catch {
      return await reply
        .code(503)
        .header('retry-after', '1')
        .send({ status: 'unavailable', reason: 'The database cannot be reached.' })
    }
  })
  app.get(
    '/metrics',
    { logLevel: 'warn' },
    async (_request, reply) => await reply.type(metrics.contentType).send(await metrics.text()),
  )
}

// What Fastify itself refuses.
function fromFastify(error: FastifyError): AppError {
  if (error instanceof AppError) return error
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new AppError('LIMIT_EXCEEDED', `The request is larger than ${LIMITS.bodyBytes} bytes; send it in parts.`)
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new AppError('VALIDATION', 'Send Content-Type: application/json.')
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new AppError('VALIDATION', 'The request cannot be read; see that its headers, length and body agree.')
  if (error.statusCode === 503)
    return new AppError('UNAVAILABLE', 'The service is shutting down; send the call again.', { retryAfterMs: 1000 })
  return new AppError('INTERNAL', INTERNAL_MESSAGE, { cause: error })
}

// The driver's errors hold SQL and parameters, and PostgreSQL's hold rows: of these only the kind is logged.
function describeError(error: Error): { type: string; message: string; stack: string } {
  const causes: string[] = []
  for (let cause: unknown = error; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    const code: unknown = Reflect.get(cause, 'code')
    causes.push(typeof code === 'string' ? `${cause.name} ${code}` : cause.name)
  }
  const frames =
    (error.cause instanceof Error ? error.cause : error).stack
      ?.split('\n')
      .filter((line) => line.trimStart().startsWith('at ')) ?? []
  return { type: error.name, message: causes.join(' < '), stack: frames.slice(0, 12).join('\n') }
}
