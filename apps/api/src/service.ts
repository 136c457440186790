import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase, openStatements, type PoolOptions } from '@taskwire/db'
import type { FastifyInstance } from 'fastify'
import { type AppOptions, createApp } from './http/app.ts'
import type { Config } from './config.ts'
import { startEmbedded } from './database/embedded.ts'
import type { FeedTimes } from './feed/feed.ts'
import type { HashingCost } from './auth/password-hashing.ts'
import { prepareDatabase } from './database/prepare.ts'
import { createSignIn } from './auth/sign-in.ts'
import { extendSession } from './auth/sign-in-sessions.ts'
import { foreignOrigins, ownOrigins } from './http/origins.ts'
import { startSweeper } from './background/sweeper.ts'

/** The service with all that it opened. */
export interface Service extends AsyncDisposable {
  app: FastifyInstance
  /** Settles when the database has been migrated and found fit; until then calls are UNAVAILABLE. */
  prepared: Promise<void>
  /** Takes calls; gives the address. */
  listen(): Promise<string>
  /** Says that it is not ready and takes calls still, until balancers know (SHUTDOWN_GRACE_MS); then closes. */
  stop(): Promise<void>
  /** Finishes what is under way, then closes everything. */
  close(): Promise<void>
}

export interface ServiceOptions {
  config: Config
  logStream?: { write(line: string): void }
  /** Told in words what goes on. */
  say?: (line: string) => void
  /** For tests: the limit on tries with a password. */
  limitSignIn?: boolean
  /** For tests: what hashing a password costs. */
  hashing?: HashingCost
  /** For tests: how the streams keep time. */
  feedTimes?: Partial<FeedTimes>
  /** For experiments: false lets in whatever comes. */
  admits?: boolean
  /** For experiments: false runs as many slow calls as come. */
  limitsSlow?: boolean
  /** For tests: true leaves every call to tRPC's own adapter. */
  officialAdapter?: boolean
  /** For tests: milliseconds for one call to the database. */
  deadlineMs?: number | undefined
  /** Where this is one of several processes on a port: those of all, with its own among them. */
  figures?: AppOptions['figures']
}

const NOT_HEARD =
  'DATABASE_URL is a pooler and DATABASE_DIRECT_URL is not set: streams hear of what other processes change by the poll alone, some 2 s late.'

const SIGN_IN_CONNECTIONS = 3
/** Of many that connect at once, those that find the queue full try again after a second or more. */
const BACKLOG = 4096
/** What is still under way so long after the service was told to stop is cut off. */
const DRAIN_MS = 4000

/** Builds the service; in the background the database is brought up to date, where that is this process's to do, and checked. */
export async function createService({
  config,
  logStream,
  say = () => {},
  limitSignIn = true,
  hashing,
  feedTimes,
  admits = true,
  limitsSlow = true,
  officialAdapter = false,
  deadlineMs,
  figures,
}: ServiceOptions): Promise<Service> {
  const addresses =
    config.database === null
      ? await startEmbedded(config.directory, say)
      : { ...config.database, secret: config.secret ?? '', stop: async () => {} }
  const foreign = foreignOrigins(config.baseUrl, config.origins)
  if (foreign !== undefined) say(foreign)
  const closing = new AbortController()
  const closers: (() => Promise<unknown> | void)[] = [addresses.stop]
  let stopping = false
  const close = async (): Promise<void> => {
    stopping = true
    closing.abort()
    for (const closer of closers.splice(0).toReversed()) await closer()
  }
  try {
    const log: PoolOptions['log'] = (level, message, details) => app.log[level](details ?? {}, message)
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
    const signIn = createSignIn({
      query: signInStatements.query,
      secret: addresses.secret,
      baseUrl: config.baseUrl,
      trustedOrigins: [...ownOrigins(config.baseUrl), ...config.origins],
      secureCookies: config.baseUrl.startsWith('https:'),
      rateLimit: { enabled: limitSignIn },
      hashing,
      log: (level, message, details) => app.log[level](details ?? {}, message),
    })
    let fit = false
    const { app, feed } = await createApp({
      ...config,
      database,
      signIn,
      extendSession: async (credential) => await extendSession(signInStatements.query, credential),
      isPrepared: () => fit,
      isStopping: () => stopping,
      feedTimes,
      admits,
      limitsSlow,
      officialAdapter,
      figures,
      ...(logStream === undefined ? {} : { logStream }),
    })
    closers.push(() => drain(app))
    closers.push(startSweeper({ database, changesKeptDays: config.changesKeptDays, log: app.log }))

    async function prepare(): Promise<void> {
      await prepareDatabase({ ...addresses, embedded: config.database === null, say, signal: closing.signal })
      database.pool.start()
      signInStatements.pool.start()
      fit = true
      if (addresses.direct !== null) feed.listen(addresses.direct)
      else say(NOT_HEARD)
    }
    const prepared = prepare()
    // Whoever waits for it gets the rejection; nobody need.
    prepared.catch(() => {})
    const listen = async (): Promise<string> =>
      await app.listen({ host: config.host, port: config.port, backlog: BACKLOG })
    const stop = async (): Promise<void> => {
      stopping = true
      // Nobody sends to one that has never been ready.
      if (fit) await pause(config.shutdownGraceMs, undefined, { signal: closing.signal }).catch(() => {})
      await close()
    }
    return { app, prepared, listen, stop, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

async function drain(app: FastifyInstance): Promise<void> {
  // A connection whose last request ends meanwhile is idle, and would be kept alive.
  const idle = setInterval(() => app.server.closeIdleConnections(), 50)
  const late = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS)
  try {
    await app.close()
  } finally {
    clearInterval(idle)
    clearTimeout(late)
  }
}
