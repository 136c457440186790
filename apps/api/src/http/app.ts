import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import cors from '@fastify/cors'
import { CONTRACT_HEADER, LIMITS } from '@taskwire/contract'
import type { Database } from '@taskwire/db'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
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
import { addressOf, isOwnCall, networkOf } from './network.ts'
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
  /** Connections to the database. */
  poolMax: number
  signIn: SignIn
  /** Extends a session that expires soon by seven days. */
  extendSession(credential: Uint8Array): Promise<void>
  /** False until the database is verified; no call is sent to it before. */
  isPrepared(): boolean
  /** False while the service calls its own procedures after its start; readiness fails until then. */
  isWarm(): boolean
  /** True once the service is shutting down: readiness then fails, so that balancers choose other instances. */
  isStopping(): boolean
  baseUrl: string
  origins: readonly string[]
  rateLimitPerMinute: number
  /** Most streams in this process. */
  streamsMax: number
  feedTimes?: Partial<FeedTimes> | undefined
  logLevel: string
  trustProxy: boolean
  socketsPerAddress: number
  /** For experiments: false turns admission control off. */
  limitsRequests?: boolean
  /** For experiments: false turns the limit on slow calls off. */
  limitsSlowCalls?: boolean
  /** For tests: true serves every call by tRPC's own adapter. */
  officialAdapter?: boolean
  /** With several processes on a port: collects the metrics of all of them. */
  collectMetrics?: MetricsOptions['collect']
  /** Where the log goes; standard output by default. */
  logStream?: { write(line: string): void }
}

/** Builds the HTTP server. It does not listen yet. */
export async function createApp(options: AppOptions): Promise<{ app: FastifyInstance; feed: Feed }> {
  const { baseUrl, isPrepared, isWarm, isStopping } = options
  const rates = createRateLimits(options.rateLimitPerMinute)
  const knownCallers = createKnownCallers((credential, userId) => void rates.move(credential, userId))
  const { keyOf, userOf, learn } = knownCallers
  const networkOfRequest = (request: IncomingMessage): string => networkOf(addressOf(request, options.trustProxy))
  const credentialLookups = createCredentialLookups({ database: options.database, ...knownCallers })
  const connectionLimits = createConnectionLimits({
    ...options,
    ...knownCallers,
    verify: credentialLookups.verify,
    onMutation: ({ caller }) => feed.committed(caller.spaceId),
  })
  const admissionGate = createAdmissionGate({
    ...options,
    waitedMs: () => options.database.pool.waitedMs,
    waitingSlowCalls: () => connectionLimits.slowCalls.waiting,
    keyOf(request) {
      const caller = callerOf(request.headers)
      return (caller && userOf(caller)) ?? networkOfRequest(request)
    },
    blockedMs: (request) =>
      rates.blockedMs(() => {
        const caller = callerOf(request.headers)
        return caller === undefined ? networkOfRequest(request) : keyOf(caller)
      }),
    requestIdOf,
    stuckMs: options.feedTimes?.stuckMs ?? FEED_TIMES.stuckMs,
  })
  const app = createServer(options, admissionGate)
  // Only a scope that registers its own parser reads bodies, so that each states the types and sizes it accepts.
  app.removeAllContentTypeParsers()
  app.addHook('onClose', async () => admissionGate.close())
  await app.register(cors, {
    origin: [...options.origins],
    credentials: true,
    methods: ['GET', 'POST'],
    exposedHeaders: ['x-request-id', 'x-taskwire-contract', 'retry-after'],
    maxAge: 600,
    // Strict preflights are refused in plain text.
    strictPreflight: false,
  })
  // Hooks without asynchronous work call done(): a promise for each request costs measurably.
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY_HEADERS).header('x-request-id', request.id).header('x-taskwire-contract', CONTRACT_HEADER)
    // The client then opens its next connection to another instance, before this process closes.
    if (isStopping()) reply.header('connection', 'close')
    refuseOdd(request.raw)
    done()
  })
  // Without a listener Node answers with an empty body.
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    if (refusesPipelined(request, response)) return
    response.shouldKeepAlive = false
    refuseBare(
      response,
      new AppError('VALIDATION', 'The only Expect header that is supported is 100-continue; leave the header out.'),
    )
  })
  logRequests(app, ({ raw }) => addressOf(raw, options.trustProxy))
  app.setErrorHandler(refuse)
  app.setNotFoundHandler(() => {
    throw new AppError('NOT_FOUND', 'Nothing is served at this address; calls go to /trpc, and signing in to /auth.')
  })

  const bufferedBytes = createBufferedBytes()
  const metrics = createMetrics({
    pool: options.database.pool,
    connectionLimits,
    admissionGate,
    bufferedBytes,
    feed: () => feed,
    collect: options.collectMetrics,
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
  const limitedDatabaseFor = createLimitedDatabases({ connectionLimits, rates, credentialLookups, keyOf })
  const extend = createSessionExtension(options.extendSession)

  function requirePrepared(): void {
    if (!isPrepared())
      throw new AppError('UNAVAILABLE', 'The database cannot be reached yet; send the call again.', {
        retryAfterMs: 1000,
      })
  }
  await app.register(async (scope) => {
    admissionGate.guard(scope)
    await mountCalls(scope, {
      origins: [...ownOrigins(baseUrl), ...options.origins],
      officialAdapter: options.officialAdapter,
      async admitBody({ raw, headers }, reply, bytes) {
        const caller = callerOf(headers)
        if (caller === undefined) throw notSignedIn()
        requirePrepared()
        await credentialLookups.requireVerified(caller, networkOfRequest(raw))
        const buffer = bufferedBytes.track(reply.raw, () => keyOf(caller))
        buffer.requireRoom()
        buffer.add(bytes)
      },
      contextOf(request, reply, signal) {
        const caller = callerOf(request.headers)
        const network = networkOfRequest(request.raw)
        const buffer = bufferedBytes.track(reply.raw, () => (caller === undefined ? network : keyOf(caller)))
        return {
          feed,
          caller,
          requestId: request.id,
          log: request.log,
          signal,
          pace: pacingFor(request.body),
          buffer,
          requirePrepared,
          limitedDatabaseFor: (as, shape) => limitedDatabaseFor(as, { network, buffer }, shape),
          onCall(path, outcome, milliseconds) {
            if (caller !== undefined && outcome === 'UNAUTHENTICATED') credentialLookups.onBadCredential(network)
            if (!isOwnCall(request.raw)) metrics.call(path, outcome, milliseconds)
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
    admissionGate.guard(scope)
    mountSignInRoutes(scope, {
      signIn: options.signIn,
      baseUrl,
      requirePrepared,
      addressOf: ({ raw }) => addressOf(raw, options.trustProxy),
    })
  })
  addHealth(app, {
    isPrepared,
    isWarm,
    isStopping,
    async ping() {
      const { pool, query } = options.database
      // While every connection is busy the database is up, and a ping would only wait for one.
      if (!pool.up || pool.busy < pool.open) await query({ text: 'select 1', parameters: [] })
    },
    metrics,
  })
  return { app, feed }
}

/** What OWASP recommends for an API, whose replies no page shows. The password reset page adds its own. */
const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

const REQUEST_ID = /^[\w.:-]{1,100}$/

function requestIdOf({ headers }: IncomingMessage): string {
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
    genReqId: requestIdOf,
    // Requests that arrive while the server closes are still served: the database closes last.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void refuse(error, request, reply),
    clientErrorHandler: refuseUnreadable,
  })
}
