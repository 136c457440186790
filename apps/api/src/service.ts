import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase, openStatements } from '@taskwire/db'
import type { FastifyInstance } from 'fastify'
import { createApp } from './http/app.ts'
import type { Host } from './http/host.ts'
import type { Config } from './config.ts'
import { startEmbedded } from './database/embedded.ts'
import type { FeedTimes } from './feed/feed.ts'
import type { HashingCost } from './auth/password-hashing.ts'
import { prepareDatabase } from './database/prepare.ts'
import { createIssuerKeys } from './auth/issuer-keys.ts'
import { createSignIn } from './auth/sign-in.ts'
import { extendSession } from './auth/sign-in-sessions.ts'
import { createTokenVoucher } from './auth/token-voucher.ts'
import type { Voucher } from './auth/vouched-user.ts'
import { crossSiteWarning, ownOrigins } from './http/origins.ts'
import { startSweeper } from './background/sweeper.ts'
import { warmUp } from './warm-up.ts'

/** The service, with every resource that it opened. */
export interface Service extends AsyncDisposable {
  app: FastifyInstance
  /** Resolves when the database is migrated and verified; until then calls fail with UNAVAILABLE. */
  prepared: Promise<void>
  /** Resolves when the service has also called its own procedures, and so `/health/ready` succeeds. */
  ready: Promise<void>
  /** Starts to listen; resolves to the URL. */
  listen(): Promise<string>
  /** Reports that it is not ready, serves for another SHUTDOWN_GRACE_MS so that load balancers notice, then closes. */
  stop(): Promise<void>
  /** Finishes the requests in progress, then closes everything. */
  close(): Promise<void>
}

export interface ServiceOptions {
  config: Config
  logStream?: { write(line: string): void }
  /** Says who the user of a request is, in place of the tokens of AUTH_ISSUER. */
  voucher?: Voucher | undefined
  /** If set, the service is mounted in this server, and neither listens nor warms up. */
  host?: Host | undefined
  /** The directory of the built front end; by default this release's. */
  frontEnd?: string | undefined
  /** Receives progress messages for the operator. */
  report?: (line: string) => void
  /** For tests: false turns the limits on password attempts off. */
  limitSignIn?: boolean
  /** For tests: the scrypt parameters. */
  hashing?: HashingCost
  /** For tests: the intervals of the feed. */
  feedTimes?: Partial<FeedTimes>
  /** For experiments: false turns admission control off. */
  limitsRequests?: boolean
  /** For experiments: false turns the limit on slow calls off. */
  limitsSlowCalls?: boolean
  /** For tests: true serves every call by tRPC's own adapter. */
  officialAdapter?: boolean
  /** For tests: the deadline of one database call, in milliseconds. */
  deadlineMs?: number | undefined
}

const NO_NOTIFICATIONS =
  "DATABASE_URL is a pooler's address, and DATABASE_DIRECT_URL is not set: streams learn of other processes' Changes by polling, about 2 s late."

type Level = 'debug' | 'info' | 'warn' | 'error'

const SIGN_IN_CONNECTIONS = 3
/**
 * The most TCP connections that wait to be accepted. A client that finds the queue full retries after a second or more.
 */
const BACKLOG = 4096
/** How long after `close()` the connections of requests that are still in progress are closed. */
const DRAIN_MS = 4000

/** Builds the service. In the background, it migrates the database (if it has the owner's address) and verifies it. */
// oxlint-disable-next-line max-lines-per-function -- the one place where everything is opened and closed
export async function createService({
  config,
  logStream,
  voucher: given,
  host,
  frontEnd,
  report = () => {},
  limitSignIn = true,
  hashing,
  feedTimes,
  limitsRequests = true,
  limitsSlowCalls = true,
  officialAdapter = false,
  deadlineMs,
}: ServiceOptions): Promise<Service> {
  const addresses =
    config.database === null
      ? await startEmbedded(config.directory, report)
      : { ...config.database, secret: config.secret ?? '', stop: async () => {} }
  const originWarning = crossSiteWarning(config.baseUrl, config.origins)
  if (originWarning !== undefined) report(originWarning)
  const closing = new AbortController()
  const closers: (() => Promise<unknown> | void)[] = [addresses.stop]
  let isStopping = false
  const close = async (): Promise<void> => {
    isStopping = true
    closing.abort()
    for (const closer of closers.splice(0).toReversed()) await closer()
  }
  try {
    const log = (level: Level, message: string, details?: Record<string, unknown>): void =>
      appLog[level](details ?? {}, message)
    const database = openDatabase({
      address: addresses.app,
      max: config.poolMax,
      applicationName: 'taskwire',
      log,
      ...(deadlineMs !== undefined && { deadlineMs }),
    })
    closers.push(() => database.end())
    const signInStatements = openStatements({
      address: addresses.auth,
      max: SIGN_IN_CONNECTIONS,
      min: 1,
      applicationName: 'taskwire-auth',
      log,
    })
    closers.push(() => signInStatements.end())
    const secureCookies = config.baseUrl.startsWith('https:')
    const signIn = createSignIn({
      query: signInStatements.query,
      secret: addresses.secret,
      baseUrl: config.baseUrl,
      trustedOrigins: [...ownOrigins(config.baseUrl), ...config.origins],
      secureCookies,
      rateLimit: { enabled: limitSignIn },
      acceptsPasswords: config.acceptsPasswords,
      hashing,
      log,
    })
    const keys =
      config.tokens &&
      createIssuerKeys({
        ...config.tokens,
        signal: closing.signal,
        onFailure: (error) => appLog.warn({ err: error }, 'could not fetch the keys of AUTH_ISSUER'),
      })
    const voucher = given ?? (config.tokens && keys ? createTokenVoucher(config.tokens, keys) : undefined)
    let isPrepared = false
    let isWarm = false
    const {
      app,
      feed,
      log: appLog,
    } = await createApp({
      ...config,
      database,
      signIn,
      secureCookies,
      extendSession: async (credential) => await extendSession(signInStatements.query, credential),
      voucher,
      host,
      isPrepared: () => isPrepared,
      isWarm: () => isWarm,
      isStopping: () => isStopping,
      feedTimes,
      limitsRequests,
      limitsSlowCalls,
      frontEnd,
      officialAdapter,
      ...(logStream === undefined ? {} : { logStream }),
    })
    if (host === undefined) closers.push(() => drain(app))
    else
      app.addHook('preClose', (done) => {
        isStopping = true
        closers.push(closeIdleConnections(app))
        done()
      })
    void keys?.load()
    closers.push(startSweeper({ database, changesKeptDays: config.changesKeptDays, log: appLog }))

    async function prepare(): Promise<void> {
      await prepareDatabase({ ...addresses, embedded: config.database === null, report, signal: closing.signal })
      database.pool.start()
      signInStatements.pool.start()
      isPrepared = true
      if (addresses.direct !== null) feed.listen(addresses.direct)
      else report(NO_NOTIFICATIONS)
    }
    async function warm(): Promise<void> {
      await prepared
      try {
        if (config.warmsUp && host === undefined)
          await warmUp({ app, send: signInStatements.query, signal: closing.signal })
      } catch (error) {
        if (!isStopping) appLog.warn({ err: error }, 'could not warm up')
      }
      isWarm = true
    }
    const prepared = prepare()
    const ready = warm()
    // Code that awaits these promises gets the rejection; if none does, the rejection must not count as unhandled.
    prepared.catch(() => {})
    ready.catch(() => {})
    const listen = async (): Promise<string> =>
      await app.listen({ host: config.host, port: config.port, backlog: BACKLOG })
    const stop = async (): Promise<void> => {
      isStopping = true
      // A load balancer sends nothing to an instance that was never ready.
      if (isPrepared) await pause(config.shutdownGraceMs, undefined, { signal: closing.signal }).catch(() => {})
      await close()
    }
    return { app, prepared, ready, listen, stop, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Closes connections as they become idle, which keep-alive would hold open. Returns a function that ends this. */
function closeIdleConnections(app: FastifyInstance): () => void {
  const timer = setInterval(() => app.server.closeIdleConnections(), 50)
  return () => clearInterval(timer)
}

async function drain(app: FastifyInstance): Promise<void> {
  const stopClosing = closeIdleConnections(app)
  const closeAll = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS)
  try {
    await app.close()
  } finally {
    stopClosing()
    clearTimeout(closeAll)
  }
}
