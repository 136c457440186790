import { randomUUID } from 'node:crypto'
import { IncomingMessage, type OutgoingHttpHeaders, type Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import cors from '@fastify/cors'
import { CONTRACT_HEADER, LIMITS } from '@taskwire/contract'
import type { Database } from '@taskwire/db'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import helmet from 'helmet'
import { callerOf, notSignedIn } from '../auth/caller.ts'
import { AppError } from '../errors.ts'
import { createSessionExtension } from '../auth/session-extension.ts'
import { createFeed, type Feed, FEED_TIMES, type FeedTimes } from '../feed/feed.ts'
import { createAdmissionGate, type AdmissionGate } from './admission-gate.ts'
import { addHealth } from './health.ts'
import { createBufferedBytes } from './buffered-bytes.ts'
import { createKnownCallers } from '../limits/known-callers.ts'
import { createLimitedDatabases } from '../limits/limited-database.ts'
import { loggerOf, logRequests } from './log.ts'
import { createMetrics, type MetricsOptions } from './metrics.ts'
import { mountSignInRoutes } from '../auth/sign-in-routes.ts'
import { addressOf, networkOf } from './network.ts'
import { pacingFor } from '../limits/pacing.ts'
import { createRateLimits } from '../limits/rate-limits.ts'
import { refuse, refuseBare, refuseOdd, refuseUnreadable } from './error-replies.ts'
import { createConnectionLimits } from '../limits/connection-limits.ts'
import type { SignIn } from '../auth/sign-in.ts'
import { ownOrigins } from './origins.ts'
import { refusesPipelined } from './sockets.ts'
import { createCredentialLookups } from '../limits/credential-lookups.ts'
import { mountCalls } from '../trpc/mount.ts'

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
  /** Streams in this process. */
  streamsMax: number
  feedTimes?: Partial<FeedTimes> | undefined
  logLevel: string
  trustProxy: boolean
  socketsPerAddress: number
  /** For experiments: false lets in whatever comes. */
  admits?: boolean
  /** For experiments: false runs as many slow calls as come. */
  limitsSlow?: boolean
  /** For tests: true leaves every call to tRPC's own adapter. */
  officialAdapter?: boolean
  /** Where it is not for itself that it gives figures: those of all processes on its port. */
  figures?: MetricsOptions['all']
  /** Where the log goes; standard output unless told. */
  logStream?: { write(line: string): void }
}

/** Builds the service; nothing listens yet. */
export async function createApp(options: AppOptions): Promise<{ app: FastifyInstance; feed: Feed }> {
  const { baseUrl, isPrepared, isStopping } = options
  const rates = createRateLimits(options.rateLimitPerMinute)
  const identities = createKnownCallers((before, userId) => void rates.move(before, userId))
  const { keyOf, userOf, learn } = identities
  const sourceOf = (request: IncomingMessage): string => networkOf(addressOf(request, options.trustProxy))
  const lookUps = createCredentialLookups({ database: options.database, ...identities })
  const shares = createConnectionLimits({
    ...options,
    ...identities,
    find: lookUps.find,
    onWritten: ({ caller }) => feed.committed(caller.spaceId),
  })
  const gate = createAdmissionGate({
    ...options,
    waitedMs: () => options.database.pool.waitedMs,
    parked: () => shares.slow.waiting,
    keyOf(request) {
      const caller = callerOf(request.headers)
      return (caller && userOf(caller)) ?? sourceOf(request)
    },
    blockedMs: (request) =>
      rates.blockedMs(() => {
        const caller = callerOf(request.headers)
        return caller === undefined ? sourceOf(request) : keyOf(caller)
      }),
    idOf,
    stuckMs: options.feedTimes?.stuckMs ?? FEED_TIMES.stuckMs,
  })
  const app = createServer(options, gate)
  // A scope that reads bodies says of which types, and within which bounds; nobody else's is read.
  app.removeAllContentTypeParsers()
  app.addHook('onClose', async () => gate.close())
  const security = securityHeaders()
  await app.register(cors, {
    origin: [...options.origins],
    credentials: true,
    methods: ['GET', 'POST'],
    exposedHeaders: ['x-request-id', 'x-taskwire-contract', 'retry-after'],
    maxAge: 600,
    // It would answer in plain text.
    strictPreflight: false,
  })
  // Hooks that wait for nothing call done(): a promise for each is felt.
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(security).header('x-request-id', request.id).header('x-taskwire-contract', CONTRACT_HEADER)
    // The next request comes by a connection to somebody else, before this one is closed.
    if (isStopping()) reply.header('connection', 'close')
    refuseOdd(request.raw)
    done()
  })
  // Without a listener Node answers by itself, with no body.
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    if (refusesPipelined(request, response)) return
    response.shouldKeepAlive = false
    refuseBare(response, new AppError('VALIDATION', 'Expect may be 100-continue alone; leave it out.'))
  })
  logRequests(app, ({ raw }) => addressOf(raw, options.trustProxy))
  app.setErrorHandler(refuse)
  app.setNotFoundHandler(() => {
    throw new AppError('NOT_FOUND', 'There is nothing here; calls go to /trpc, signing in to /auth.')
  })

  const held = createBufferedBytes()
  const metrics = createMetrics({
    pool: options.database.pool,
    shares,
    gate,
    held,
    feed: () => feed,
    all: options.figures,
  })
  const feed = createFeed({
    database: options.database,
    keyOf,
    most: options.streamsMax,
    readsAtOnce: Math.max(2, Math.floor(options.poolMax / 4)),
    times: options.feedTimes,
    events: metrics.feed,
    log: (level, message, details) => app.log[level](details ?? {}, message),
  })
  app.addHook('preClose', async () => await feed.close())
  const limitedDatabaseFor = createLimitedDatabases({ shares, rates, lookUps, keyOf })
  const extend = createSessionExtension(options.extendSession)

  function requirePrepared(): void {
    if (!isPrepared())
      throw new AppError('UNAVAILABLE', 'The database cannot be reached yet; send the call again.', {
        retryAfterMs: 1000,
      })
  }
  await app.register(async (scope) => {
    gate.guard(scope)
    await mountCalls(scope, {
      origins: [...ownOrigins(baseUrl), ...options.origins],
      officialAdapter: options.officialAdapter,
      async admitBody({ raw, headers }, reply, bytes) {
        const caller = callerOf(headers)
        if (caller === undefined) throw notSignedIn()
        requirePrepared()
        await lookUps.lookUp(caller, sourceOf(raw))
        const holding = held.until(reply.raw, () => keyOf(caller))
        holding.requireRoom()
        holding.add(bytes)
      },
      contextOf(request, reply, signal) {
        const caller = callerOf(request.headers)
        const network = sourceOf(request.raw)
        const holding = held.until(reply.raw, () => (caller === undefined ? network : keyOf(caller)))
        return {
          feed,
          caller,
          requestId: request.id,
          log: request.log,
          signal,
          pace: pacingFor(request.body),
          holding,
          requirePrepared,
          limitedDatabaseFor: (as, shape) => limitedDatabaseFor(as, { network, holding }, shape),
          onCall(path, outcome, milliseconds) {
            if (caller !== undefined && outcome === 'UNAUTHENTICATED') lookUps.onBad(network)
            metrics.call(path, outcome, milliseconds)
          },
          hangUp: () => void reply.raw.destroy(),
          onAuthenticated(authenticated, userId, expiresAt) {
            learn(authenticated, userId)
            extend(authenticated, expiresAt, request.log)
          },
        }
      },
    })
  })
  await app.register(async (scope) => {
    gate.guard(scope)
    mountSignInRoutes(scope, {
      signIn: options.signIn,
      baseUrl,
      requirePrepared,
      addressOf: ({ raw }) => addressOf(raw, options.trustProxy),
    })
  })
  addHealth(app, {
    isPrepared,
    isStopping,
    async ping() {
      const { pool, query } = options.database
      // Where all are busy the database is there: asking would only stand in line.
      if (!pool.up || pool.busy < pool.open) await query({ text: 'select 1', parameters: [] })
    },
    metrics,
  })
  return { app, feed }
}

/** Helmet's, asked for once: they are the same for every answer. */
function securityHeaders(): OutgoingHttpHeaders {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  // Nothing here is a page.
  const directives = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] }
  helmet({ contentSecurityPolicy: { useDefaults: false, directives } })(response.req, response, () => {})
  return response.getHeaders()
}

const REQUEST_ID = /^[\w.:-]{1,100}$/

function idOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
}

function createServer({ logLevel, logStream }: AppOptions, { serverFactory }: AdmissionGate): FastifyInstance {
  return Fastify<Server>({
    logger: loggerOf({ level: logLevel, stream: logStream }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: LIMITS.bodyBytes,
    serverFactory,
    routerOptions: { maxParamLength: 5000 },
    requestIdHeader: false,
    genReqId: idOf,
    // What arrives while it closes is answered as ever: the database is still there.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void refuse(error, request, reply),
    clientErrorHandler: refuseUnreadable,
  })
}
