import type { IncomingMessage } from 'node:http'
import type { Database } from '@taskwire/db'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { cookieName } from '../auth/credential.ts'
import { type Identification, knownCallerOf } from '../auth/caller.ts'
import type { Voucher } from '../auth/vouched-user.ts'
import { AppError } from '../errors.ts'
import { createSessionExtension } from '../auth/session-extension.ts'
import { createFeed, type Feed, FEED_TIMES, type FeedTimes } from '../feed/feed.ts'
import { createAdmissionGate } from './admission-gate.ts'
import { serveFrontEnd } from './front-end.ts'
import { addHealth } from './health.ts'
import { createBufferedBytes } from './buffered-bytes.ts'
import { createKnownCallers } from '../limits/known-callers.ts'
import { createLimitedDatabases } from '../limits/limited-database.ts'
import { createMetrics } from './metrics.ts'
import { mountSignInRoutes } from '../auth/sign-in-routes.ts'
import { addressOf, networkOf } from './network.ts'
import { createRateLimits } from '../limits/rate-limits.ts'
import { createConnectionLimits } from '../limits/connection-limits.ts'
import type { SignIn } from '../auth/sign-in.ts'
import { ownOrigins } from './origins.ts'
import { createCredentialLookups } from '../limits/credential-lookups.ts'
import { mountCalls } from '../trpc/mount.ts'
import { createRequestContexts } from '../trpc/request-contexts.ts'
import type { Host } from './host.ts'
import { addReplies, createServer, requestIdOf, type ServerOptions } from './server.ts'

export interface AppOptions extends ServerOptions {
  database: Database
  /** Most connections to the database. */
  poolMax: number
  signIn: SignIn
  /** Whether the session cookie is for HTTPS only. */
  secureCookies: boolean
  /** Extends a session that expires soon to seven days from now. */
  extendSession(credential: Uint8Array): Promise<void>
  /** Finds the user of a request that has neither a session nor a key. */
  voucher?: Voucher | undefined
  /** False until the database is verified. Until then no call is sent to it. */
  isPrepared(): boolean
  /** False until the service has called its own procedures after its start. Until then the readiness check fails. */
  isWarm(): boolean
  rateLimitPerMinute: number
  /** Most streams in this process. */
  streamsMax: number
  feedTimes?: Partial<FeedTimes> | undefined
  socketsPerAddress: number
  /** Mounts the service in this server, instead of creating one. */
  host?: Host | undefined
  /** The directory of the built front end; by default this release's. */
  frontEnd?: string | undefined
  /** For experiments: false turns admission control off. */
  limitsRequests?: boolean
  /** For experiments: false turns the limit on slow calls off. */
  limitsSlowCalls?: boolean
  /** For tests: true serves every call by tRPC's own adapter. */
  officialAdapter?: boolean
}

/** Builds the HTTP server, which does not listen yet, or mounts the service in the server of a host. */
// oxlint-disable-next-line max-lines-per-function -- the one place where the parts of the server are connected
export async function createApp(
  options: AppOptions,
): Promise<{ app: FastifyInstance; feed: Feed; log: FastifyBaseLogger }> {
  const { baseUrl, isPrepared, isWarm, isStopping, host } = options
  const addressOfRequest = host?.addressOf ?? ((request) => addressOf(request, options.trustProxy))
  const rates = createRateLimits(options.rateLimitPerMinute)
  const knownCallers = createKnownCallers((credential, userId) => void rates.move(credential, userId))
  const { keyOf, userOf } = knownCallers
  const identification: Identification = {
    cookie: host?.hasSignIn === false ? null : cookieName(options.secureCookies),
    voucher: options.voucher,
    limitCheck: async ({ raw }, check) => await credentialLookups.check(networkOfRequest(raw), check),
  }
  const networkOfRequest = (request: IncomingMessage): string => networkOf(addressOfRequest(request))
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
      const caller = knownCallerOf(identification, request)
      return (caller && userOf(caller)) ?? networkOfRequest(request.raw)
    },
    blockedMs: (request) =>
      rates.blockedMs(() => {
        const caller = knownCallerOf(identification, request)
        return caller === undefined ? networkOfRequest(request.raw) : keyOf(caller)
      }),
    requestIdOf,
    prefix: host?.scope.prefix,
    stuckMs: options.feedTimes?.stuckMs ?? FEED_TIMES.stuckMs,
  })
  const app = host?.scope ?? createServer(options, admissionGate)
  const log = host?.log ?? app.log
  app.addHook('onClose', async () => admissionGate.close())
  const frontEnd = host === undefined ? await serveFrontEnd(app, options.frontEnd) : undefined
  await addReplies(app, { ...options, frontEnd })
  if (host !== undefined) admissionGate.refuseIn(app)
  const bufferedBytes = createBufferedBytes()
  const metrics = createMetrics({
    pool: options.database.pool,
    connectionLimits,
    admissionGate,
    bufferedBytes,
    feed: () => feed,
    ofProcess: host === undefined,
  })
  const feed = createFeed({
    database: options.database,
    keyOf,
    most: options.streamsMax,
    readsAtOnce: Math.max(2, Math.floor(options.poolMax / 4)),
    times: options.feedTimes,
    events: metrics.feed,
    log: (level, message, details) => log[level](details ?? {}, message),
  })
  app.addHook('preClose', async () => await feed.close())
  function requirePrepared(): void {
    if (!isPrepared())
      throw new AppError('UNAVAILABLE', 'The database cannot be reached yet; send the call again.', {
        retryAfterMs: 1000,
      })
  }
  const requests = createRequestContexts({
    feed,
    bufferedBytes,
    credentialLookups,
    knownCallers,
    limitedDatabaseFor: createLimitedDatabases({ connectionLimits, rates, credentialLookups, keyOf }),
    networkOf: networkOfRequest,
    extend: createSessionExtension(options.extendSession),
    requirePrepared,
    onCall: metrics.call,
  })
  await app.register(async (scope) => {
    admissionGate.guard(scope)
    await mountCalls(scope, {
      // For a host without Taskwire's sign-in, `baseUrl` is only a default.
      origins: host?.hasSignIn === false ? options.origins : [...ownOrigins(baseUrl), ...options.origins],
      ownOriginOf: host && (({ protocol, host: name }) => `${protocol}://${name}`),
      identification,
      officialAdapter: options.officialAdapter,
      ...requests,
    })
  })
  if (host?.hasSignIn !== false)
    await app.register(async (scope) => {
      admissionGate.guard(scope)
      mountSignInRoutes(scope, {
        signIn: options.signIn,
        baseUrl,
        requirePrepared,
        addressOf: ({ raw }) => addressOfRequest(raw),
      })
    })
  addHealth(app, {
    isPrepared,
    isWarm,
    isStopping,
    async ping() {
      const { pool, query } = options.database
      // If every connection is busy, the database is up, and a ping would only wait for a connection.
      if (!pool.up || pool.busy < pool.open) await query({ text: 'select 1', parameters: [] })
    },
    metrics: host === undefined ? metrics : undefined,
  })
  return { app, feed, log }
}
