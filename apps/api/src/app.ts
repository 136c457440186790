import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import { CONTRACT_HEADER, LIMITS } from '@taskwire/contract'
import type { Database } from '@taskwire/db'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { callerOf } from './caller.ts'
import { AppError } from './errors.ts'
import { createExtensions } from './extensions.ts'
import { addHealth } from './health.ts'
import { createIdentities } from './identities.ts'
import { loggerOf, logRequests } from './log.ts'
import { createMetrics } from './metrics.ts'
import { mountSignIn } from './mount-sign-in.ts'
import { networkOf } from './network.ts'
import { createRates } from './rates.ts'
import { refuse, refuseBare, refuseOdd, refuseUnreadable } from './refusals.ts'
import type { SignIn } from './sign-in.ts'
import { mountCalls } from './trpc/mount.ts'
import { createTurns } from './turns.ts'

export interface AppOptions {
  database: Database
  /** Connections of the database, of which one user gets a part. */
  poolMax: number
  signIn: SignIn
  /** Gives a session that ends soon seven days again. */
  extendSession(credential: Uint8Array): Promise<void>
  /** False until the database has been checked: nothing is sent to it before. */
  isPrepared(): boolean
  /** True from when it was told to stop: a balancer is to send to others. */
  isStopping(): boolean
  baseUrl: string
  origins: readonly string[]
  rateLimitPerMinute: number
  logLevel: string
  trustProxy: boolean
  /** Where the log goes; standard output unless told. */
  logStream?: { write(line: string): void }
}

/** Builds the service; nothing listens yet. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { baseUrl, isPrepared, isStopping } = options
  const app = createServer(options)
  await app.register(helmet, { contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] } } })
  await app.register(cors, {
    origin: [...options.origins],
    credentials: true,
    methods: ['GET', 'POST'],
    exposedHeaders: ['x-request-id', 'x-taskwire-contract', 'retry-after'],
    maxAge: 600,
    // It would answer in plain text.
    strictPreflight: false,
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('x-taskwire-contract', CONTRACT_HEADER)
    // The next request comes by a connection to somebody else, before this one is closed.
    if (isStopping()) reply.header('connection', 'close')
    refuseOdd(request.raw)
  })
  // Without a listener Node answers by itself, with no body.
  app.server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive = false
    refuseBare(response, new AppError('VALIDATION', 'Expect may be 100-continue alone; leave it out.'))
  })
  logRequests(app)
  app.setErrorHandler(refuse)
  app.setNotFoundHandler(() => {
    throw new AppError('NOT_FOUND', 'There is nothing here; calls go to /trpc, signing in to /auth.')
  })

  const { keyOf, isKnown, learn } = createIdentities()
  const writers = createTurns({ keyOf, atOnce: 1 })
  // A quarter of the connections, so that a few users with slow reads leave some to the others.
  const readers = createTurns({ keyOf, atOnce: Math.max(2, Math.floor(options.poolMax / 4)) })
  const database: Database = {
    ...options.database,
    read: async (caller, need, statement) =>
      await readers.inTurn(caller, async () => await options.database.read(caller, need, statement)),
  }
  const rates = createRates(options.rateLimitPerMinute)
  const metrics = createMetrics({ pool: options.database.pool, readers, writers })
  const extend = createExtensions(options.extendSession)

  function requirePrepared(): void {
    if (!isPrepared())
      throw new AppError('UNAVAILABLE', 'The database cannot be reached yet; send the call again.', {
        retryAfterMs: 1000,
      })
  }
  await app.register(
    async (scope) =>
      await mountCalls(scope, {
        origins: [new URL(baseUrl).origin, ...options.origins],
        contextOf(request) {
          const caller = callerOf(request.headers)
          const network = networkOf(request.ip)
          // Credentials that nobody has count by address, and refuse there what has not been seen to be good.
          const guesses = `guesses ${network}`
          return {
            database,
            writers,
            caller,
            requestId: request.id,
            log: request.log,
            async admit(access) {
              if (caller !== undefined && !isKnown(caller)) await rates.check(guesses)
              await rates.take(caller === undefined ? network : keyOf(caller))
              if (access !== 'public') requirePrepared()
            },
            onCall(path, outcome, milliseconds) {
              if (caller !== undefined && outcome === 'UNAUTHENTICATED') void rates.take(guesses).catch(() => {})
              metrics.call(path, outcome, milliseconds)
            },
            onEntered(entered, userId, expiresAt) {
              const known = keyOf(entered)
              if (known !== userId) {
                learn(entered, userId)
                void rates.move(known, userId)
              }
              extend(entered, expiresAt, request.log)
            },
          }
        },
      }),
  )
  await app.register(async (scope) => mountSignIn(scope, { signIn: options.signIn, baseUrl, requirePrepared }))
  addHealth(app, {
    isPrepared,
    isStopping,
    ping: async () => await options.database.query({ text: 'select 1', parameters: [] }),
    metrics,
  })
  return app
}

const REQUEST_ID = /^[\w.:-]{1,100}$/

function createServer({ logLevel, logStream, trustProxy }: AppOptions): FastifyInstance {
  return Fastify<Server>({
    logger: loggerOf({ level: logLevel, stream: logStream }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: LIMITS.bodyBytes,
    // A sender that is slower than this is cut off.
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    // The nearest balancer is believed, and not what a caller has told it.
    trustProxy: trustProxy && ((_address: string, hop: number) => hop < 1),
    routerOptions: { maxParamLength: 5000 },
    requestIdHeader: false,
    // refuseOdd() asks for it, and says so.
    http: { requireHostHeader: false },
    genReqId: (raw) => {
      const given = raw.headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : uuidv7()
    },
    // What arrives while it closes is answered as ever: the database is still there.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void refuse(error, request, reply),
    clientErrorHandler: refuseUnreadable,
  })
}
