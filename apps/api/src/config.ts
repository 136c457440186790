import { type Address, AddressError, parseAddress } from '@taskwire/db'
import { z } from 'zod'
import { defaultUrl } from './http/origins.ts'

/** Every setting of the service, read once at its start (docs/settings.md). */
export interface Config {
  host: string
  port: number
  /** Processes on this port. */
  workers: number
  /** Where browsers reach the service. */
  baseUrl: string
  /** Origins beside it whose pages may call. */
  origins: string[]
  /** Null: the embedded database below `directory`. */
  database: { app: Address; auth: Address; owner: Address | null; direct: Address | null } | null
  directory: string
  poolMax: number
  /** Hides whose attempts to sign in are counted; null with the embedded database, which keeps one of its own. */
  secret: string | null
  rateLimitPerMinute: number
  /** Streams in one process. */
  streamsMax: number
  changesKeptDays: number
  /** How long it goes on taking calls after SIGTERM, while it says that it is not ready. */
  shutdownGraceMs: number
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Believe the X-Forwarded-For of a balancer in front. */
  trustProxy: boolean
  /** Connections of one address to one process; of any number behind a balancer that is believed. */
  socketsPerAddress: number
}

/** The settings cannot be used; the message has a line for each that is wrong. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

const whole = (min: number, max: number, otherwise: number): z.ZodType<number, string | undefined> =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: `is not a whole number; give one from ${min} to ${max}`, abort: true })
    .transform(Number)
    .refine((n) => n >= min && n <= max, { error: `is not from ${min} to ${max}; give a number between them` })
    .optional()
    .transform((n) => n ?? otherwise)

const webAddress = z.url({
  protocol: /^https?$/,
  error: 'is not a web address; write one such as https://tasks.example.com',
})
const origin = z
  .string()
  .refine((o) => !o.includes('*'), {
    error: 'holds a wildcard, which would let in any host below it; list each origin by itself',
    abort: true,
  })
  .refine((o) => /^https?:/.test(o) && URL.canParse(o) && new URL(o).origin === o, {
    error:
      'holds something that is not an origin; write them such as https://app.example.com, without a path, by commas',
  })
const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** All settings but the addresses; each has a default, or may be left out. */
export const environment = z.object({
  HOST: z
    .string()
    .refine((host) => URL.canParse(defaultUrl(host, 1)), {
      error: 'is not a name or an address of this machine; use 127.0.0.1 for this machine alone, 0.0.0.0 for all',
    })
    .default('127.0.0.1'),
  PORT: whole(0, 65_535, 4000),
  WORKERS: whole(1, 64, 1),
  PUBLIC_URL: webAddress.optional(),
  ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((list) => list.split(',').map((part) => part.trim()))
    .transform((list) => list.filter((part) => part !== ''))
    .pipe(z.array(origin)),
  DATABASE_POOL_MAX: whole(5, 100, 20),
  TASKWIRE_DIRECTORY: z.string().default('.taskwire'),
  TASKWIRE_SECRET: z
    .string()
    .min(32, { error: 'is shorter than 32 characters; make one with: openssl rand -base64 32' })
    .optional(),
  RATE_LIMIT_PER_MINUTE: whole(1, 10_000_000, 1200),
  STREAMS_MAX: whole(1, 100_000, 5000),
  SOCKETS_PER_ADDRESS: whole(10, 10_000, 2000),
  CHANGES_KEPT_DAYS: whole(30, 36_500, 90),
  SHUTDOWN_GRACE_MS: whole(0, 60_000, 0),
  LOG_LEVEL: z.enum(LEVELS, { error: `is not a level; use one of ${LEVELS.join(', ')}` }).default('info'),
  TRUST_PROXY: z.enum(['true', 'false'], { error: 'is neither true nor false; use one of them' }).default('false'),
})

export const ADDRESSES = ['DATABASE_URL', 'DATABASE_AUTH_URL', 'DATABASE_OWNER_URL', 'DATABASE_DIRECT_URL'] as const

/** Reads the environment; an empty variable counts as missing. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`)

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
  const external = given['DATABASE_URL'] !== undefined
  if (external && given['DATABASE_AUTH_URL'] === undefined)
    problems.push(
      `DATABASE_AUTH_URL is missing: with DATABASE_URL, signing in has a login of its own (taskwire_auth). ${SET_UP}`,
    )
  if (
    !external &&
    (given['DATABASE_AUTH_URL'] ?? given['DATABASE_OWNER_URL'] ?? given['DATABASE_DIRECT_URL']) !== undefined
  )
    problems.push(
      `DATABASE_URL is missing beside DATABASE_AUTH_URL, DATABASE_OWNER_URL or DATABASE_DIRECT_URL. ${SET_UP}`,
    )
  if (external && given['TASKWIRE_SECRET'] === undefined)
    problems.push(
      'TASKWIRE_SECRET is missing: with DATABASE_URL, the secret under which attempts to sign in are counted is yours to keep. Make one with: openssl rand -base64 32',
    )
  if (owner?.pooled === true)
    problems.push('DATABASE_OWNER_URL is a pooler; migrations need the direct address, the one without -pooler.')

  if (direct?.pooled === true)
    problems.push('DATABASE_DIRECT_URL is a pooler, which delivers no wake-up; give the address without -pooler.')

  if (!parsed.success || problems.length > 0)
    throw new ConfigError(
      ['Taskwire cannot start with these settings:', ...problems.map((problem) => `  - ${problem}`)].join('\n'),
    )
  const { data } = parsed
  return {
    host: data.HOST,
    port: data.PORT,
    workers: data.WORKERS,
    baseUrl: data.PUBLIC_URL ?? defaultUrl(data.HOST, data.PORT),
    origins: data.ALLOWED_ORIGINS,
    database: app !== null && auth !== null ? { app, auth, owner, direct: direct ?? (app.pooled ? null : app) } : null,
    directory: data.TASKWIRE_DIRECTORY,
    poolMax: data.DATABASE_POOL_MAX,
    secret: data.TASKWIRE_SECRET ?? null,
    rateLimitPerMinute: data.RATE_LIMIT_PER_MINUTE,
    streamsMax: data.STREAMS_MAX,
    changesKeptDays: data.CHANGES_KEPT_DAYS,
    shutdownGraceMs: data.SHUTDOWN_GRACE_MS,
    logLevel: data.LOG_LEVEL,
    trustProxy: data.TRUST_PROXY === 'true',
    socketsPerAddress: data.SOCKETS_PER_ADDRESS,
  }
}

const SET_UP = 'Make the roles and print their addresses with: npm run db:setup -- <address of an administrator>'
