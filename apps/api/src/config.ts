import { type Address, AddressError, COMMANDS, parseAddress } from '@taskwire/db'
import { z } from 'zod'
import { tokenEnvironment, tokenSettings, type TokenSettings } from './auth/token-settings.ts'
import { defaultUrl } from './http/origins.ts'

/** The settings of the service, read once at the start (docs/settings.md). */
export interface Config {
  host: string
  port: number
  /** The URL at which browsers reach the service. */
  baseUrl: string
  /** Further origins whose pages may call the service. */
  origins: string[]
  /** Null for the embedded database, which is stored in `directory`. */
  database: { app: Address; auth: Address; owner: Address | null; direct: Address | null } | null
  directory: string
  poolMax: number
  /**
   * The key that hashes accounts and IP addresses to count sign-in attempts; null with the embedded database, which has
   * its own.
   */
  secret: string | null
  /** The issuer whose tokens (JWTs) are accepted as credentials; null for none. */
  tokens: TokenSettings | null
  /** Whether users may sign up and sign in by e-mail and password. */
  acceptsPasswords: boolean
  rateLimitPerMinute: number
  /** The most streams of one process. */
  streamsMax: number
  changesKeptDays: number
  /** How long the service keeps serving after SIGTERM while it reports that it is not ready. */
  shutdownGraceMs: number
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Whether to trust the X-Forwarded-For header that a load balancer sets. */
  trustProxy: boolean
  /** Whether the process calls its own procedures before it is ready (warm-up.ts). */
  warmsUp: boolean
  /** The most connections of one IP address to one process; not applied with `trustProxy`. */
  socketsPerAddress: number
}

/** Invalid settings; the message has a line for each problem. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

const wholeNumber = (min: number, max: number, otherwise: number): z.ZodType<number, string | undefined> =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: `is not a whole number; use one from ${min} to ${max}`, abort: true })
    .transform(Number)
    .refine((n) => n >= min && n <= max, { error: `is not from ${min} to ${max}; use a number in that range` })
    .optional()
    .transform((n) => n ?? otherwise)

const webAddress = z.url({
  protocol: /^https?$/,
  error: 'is not a web address; use one such as https://tasks.example.com',
})
const origin = z
  .string()
  .refine((o) => !o.includes('*'), {
    error: 'contains a wildcard, which would allow any host below it; list each origin',
    abort: true,
  })
  .refine((o) => /^https?:/.test(o) && URL.canParse(o) && new URL(o).origin === o, {
    error:
      'contains something that is not an origin; use origins such as https://app.example.com, without a path, separated by commas',
  })
const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** All settings except the database addresses. Each is optional. */
export const environment = z.object({
  HOST: z
    .string()
    .refine((host) => URL.canParse(defaultUrl(host, 1)), {
      error: 'is not a host name or an address; use 127.0.0.1 for connections from this machine only, 0.0.0.0 for all',
    })
    .default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535, 4000),
  PUBLIC_URL: webAddress.optional(),
  ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((list) => list.split(',').map((part) => part.trim()))
    .transform((list) => list.filter((part) => part !== ''))
    .pipe(z.array(origin)),
  DATABASE_POOL_MAX: wholeNumber(5, 100, 20),
  TASKWIRE_DIRECTORY: z.string().default('.taskwire'),
  TASKWIRE_SECRET: z
    .string()
    .min(32, { error: 'is shorter than 32 characters; generate one with: openssl rand -base64 32' })
    .optional(),
  ...tokenEnvironment,
  AUTH_PASSWORD: z.enum(['on', 'off'], { error: 'is not on or off' }).default('on'),
  RATE_LIMIT_PER_MINUTE: wholeNumber(1, 10_000_000, 1200),
  STREAMS_MAX: wholeNumber(1, 100_000, 5000),
  SOCKETS_PER_ADDRESS: wholeNumber(10, 10_000, 2000),
  CHANGES_KEPT_DAYS: wholeNumber(30, 36_500, 90),
  SHUTDOWN_GRACE_MS: wholeNumber(0, 60_000, 0),
  LOG_LEVEL: z.enum(LEVELS, { error: `is not a level; use one of ${LEVELS.join(', ')}` }).default('info'),
  TRUST_PROXY: z.enum(['true', 'false'], { error: 'is not a boolean; use true or false' }).default('false'),
  WARM_UP: z.enum(['true', 'false'], { error: 'is not a boolean; use true or false' }).default('true'),
})

export const ADDRESSES = ['DATABASE_URL', 'DATABASE_AUTH_URL', 'DATABASE_OWNER_URL', 'DATABASE_DIRECT_URL'] as const

type Environment = Readonly<Record<string, string | undefined>>

/** Parses the environment. An empty variable counts as missing. Throws a ConfigError. */
export function readConfig(env: Environment): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`)

  const database = readAddresses(given, problems)
  const tokens = parsed.success ? tokenSettings(parsed.data, problems) : null
  if (given['DATABASE_URL'] !== undefined && given['TASKWIRE_SECRET'] === undefined)
    problems.push(
      'TASKWIRE_SECRET is missing: with DATABASE_URL, you have to set the secret for counting sign-in attempts. Generate one with: openssl rand -base64 32',
    )
  if (!parsed.success || problems.length > 0)
    throw new ConfigError(
      ['Taskwire cannot start with these settings:', ...problems.map((problem) => `  - ${problem}`)].join('\n'),
    )
  const { data } = parsed
  return {
    host: data.HOST,
    port: data.PORT,
    baseUrl: data.PUBLIC_URL ?? defaultUrl(data.HOST, data.PORT),
    origins: data.ALLOWED_ORIGINS,
    database,
    directory: data.TASKWIRE_DIRECTORY,
    poolMax: data.DATABASE_POOL_MAX,
    secret: data.TASKWIRE_SECRET ?? null,
    tokens,
    acceptsPasswords: data.AUTH_PASSWORD === 'on',
    rateLimitPerMinute: data.RATE_LIMIT_PER_MINUTE,
    streamsMax: data.STREAMS_MAX,
    changesKeptDays: data.CHANGES_KEPT_DAYS,
    shutdownGraceMs: data.SHUTDOWN_GRACE_MS,
    logLevel: data.LOG_LEVEL,
    trustProxy: data.TRUST_PROXY === 'true',
    warmsUp: data.WARM_UP === 'true',
    socketsPerAddress: data.SOCKETS_PER_ADDRESS,
  }
}

/**
 * Parses the database addresses; returns null for the embedded database. Adds to `problems` what is invalid or missing.
 */
function readAddresses(given: Environment, problems: string[]): Config['database'] {
  const address = (name: (typeof ADDRESSES)[number]): Address | null => {
    const text = given[name]
    if (text === undefined) return null
    try {
      return parseAddress(name, text)
    } catch (error) {
      if (!(error instanceof AddressError)) throw error
      problems.push(error.message)
      return null
    }
  }
  const app = address('DATABASE_URL')
  const auth = address('DATABASE_AUTH_URL')
  const owner = address('DATABASE_OWNER_URL')
  const direct = address('DATABASE_DIRECT_URL')
  const isExternal = given['DATABASE_URL'] !== undefined
  if (isExternal && given['DATABASE_AUTH_URL'] === undefined)
    problems.push(
      `DATABASE_AUTH_URL is missing: with DATABASE_URL, the sign-in needs its own database login (taskwire_auth). ${SET_UP}`,
    )
  if (
    !isExternal &&
    (given['DATABASE_AUTH_URL'] ?? given['DATABASE_OWNER_URL'] ?? given['DATABASE_DIRECT_URL']) !== undefined
  )
    problems.push(
      `DATABASE_URL is missing: DATABASE_AUTH_URL, DATABASE_OWNER_URL and DATABASE_DIRECT_URL need it. ${SET_UP}`,
    )
  if (owner?.pooled === true)
    problems.push("DATABASE_OWNER_URL is a pooler's address; migrations need the direct address, without -pooler.")
  if (direct?.pooled === true)
    problems.push(
      "DATABASE_DIRECT_URL is a pooler's address, and poolers deliver no notifications; use the address without -pooler.",
    )
  return app !== null && auth !== null ? { app, auth, owner, direct: direct ?? (app.pooled ? null : app) } : null
}

const SET_UP = `Create the roles and print their addresses with: ${COMMANDS.setup} <address of an administrator>`
