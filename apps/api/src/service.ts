import {
  createClient,
  isMigrated,
  migrate,
  openDatabase,
  statement,
  sql,
} from '@taskwire/db'
import { drizzle } from 'drizzle-orm/postgres-js'
import type { FastifyInstance } from 'fastify'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import { startEmbedded } from './embedded.ts'
import { verifyDatabase } from './verify.ts'
import { createSignIn, extendSession } from './sign-in.ts'

/** The service with all that it opened. */
export interface Service extends AsyncDisposable {
  app: FastifyInstance
  /** Settles when the database has been migrated and found fit; until then calls are UNAVAILABLE. */
  prepared: Promise<void>
  /** Takes calls; gives the address. */
  listen(): Promise<string>
  /** Finishes what is under way, then closes everything. */
  close(): Promise<void>
}

export interface ServiceOptions {
  config: Config
  logStream?: { write(line: string): void }
  /** Told in words what goes on before the service listens. */
  say?: (line: string) => void
  /** For tests: the limit on tries with a password. */
  limitSignIn?: boolean
}

const SWEEP_MS = 10 * 60_000
const SWEEP_ROWS = 5000

/** Builds the service; in the background the database is brought up to date, where that is this process's to do, and checked. */
export async function createService({
  config,
  logStream,
  say = () => {},
  limitSignIn = true,
}: ServiceOptions): Promise<Service> {
  const addresses =
    config.database === null
      ? await startEmbedded(config.directory, say)
      : { ...config.database, secret: config.secret ?? '', stop: async () => {} }
  const { app: appAddress, auth, owner, secret } = addresses
  const closers: (() => Promise<unknown>)[] = [addresses.stop]
  let closed = false
  const close = async (): Promise<void> => {
    closed = true
    for (const closer of closers.toReversed()) await closer()
    closers.length = 0
  }
  try {
    const database = openDatabase({
      address: appAddress,
      max: config.poolMax,
      applicationName: 'taskwire',
      log: (level, message, details) => app.log[level](details ?? {}, message),
    })
    closers.push(() => database.end())
    const authSql = createClient({ address: auth, applicationName: 'taskwire-auth', max: 3 })
    closers.push(() => authSql.end({ timeout: 5 }))
    const authDb = drizzle({ client: authSql })
    const signIn = createSignIn({
      db: authDb,
      secret,
      baseUrl: config.baseUrl,
      trustedOrigins: config.origins,
      secureCookies: config.baseUrl.startsWith('https:'),
      rateLimit: { enabled: limitSignIn },
      log: (level, message, details) => app.log[level](details ?? {}, message),
    })
    let prepared = false
    let migrated = false
    const app = await createApp({
      database,
      signIn,
      extendSession: async (credential) => await extendSession(authDb, Buffer.from(credential)),
      isPrepared: () => prepared,
      isMigrated: async () =>
        (migrated ||= await isMigrated(async (text) => await database.query({ text, parameters: [] }))),
      baseUrl: config.baseUrl,
      origins: config.origins,
      rateLimitPerMinute: config.rateLimitPerMinute,
      logLevel: config.logLevel,
      trustProxy: config.trustProxy,
      ...(logStream === undefined ? {} : { logStream }),
    })
    closers.push(() => app.close())

    const sweeper = setInterval(() => {
      database
        .query(statement(sql`select tw.sweep(${config.changesKeptDays}::int, ${SWEEP_ROWS}::int)`))
        .catch((error: unknown) => app.log.warn({ err: error }, 'could not sweep'))
    }, SWEEP_MS)
    sweeper.unref()
    closers.push(async () => clearInterval(sweeper))
    const preparing = untilReached(
      say,
      () => closed,
      async () => {
        if (owner !== null) {
          const { applied } = await migrate({ address: owner, log: (_level, message) => say(message) })
          if (applied.length > 0) say(`Migrated the database: ${applied.join(', ')}`)
        }
        await verifyDatabase(appAddress)
        database.pool.start()
        prepared = true
      },
    )
    preparing.catch(() => {})
    const listen = async (): Promise<string> => await app.listen({ host: config.host, port: config.port })
    return { app, prepared: preparing, listen, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

// Tries again for as long as the database cannot be reached; whatever else is wrong is told at once.
async function untilReached(
  say: (line: string) => void,
  given: () => boolean,
  work: () => Promise<void>,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
      const passing =
        typeof code === 'string' && /^(ECONN|ENOTFOUND|EAI_AGAIN|EHOST|ENET|ETIMEDOUT|CONNECT|57P|08|53)/.test(code)
      if (!passing || given()) throw error
      const delay = Math.min(5000, 200 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2)
      say(
        `The database cannot be reached (${code}); calls are refused until it is. Trying again in ${(delay / 1000).toFixed(1)} s`,
      )
      await new Promise((resolve) => setTimeout(resolve, delay).unref())
    }
  }
}
