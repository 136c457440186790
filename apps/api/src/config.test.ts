import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const DATABASE = {
  DATABASE_URL: 'postgres://taskwire_app:pass%25word@db.example.com:5433/tasks?sslmode=verify-full',
  DATABASE_AUTH_URL: 'postgres://taskwire_auth:p@db.example.com:5433/tasks',
  TASKWIRE_SECRET: 'x'.repeat(32),
}

test('without settings, the service serves this machine only, on the embedded database', () => {
  expect(readConfig({})).toEqual({
    host: '127.0.0.1',
    port: 4000,
    baseUrl: 'http://localhost:4000',
    origins: [],
    database: null,
    directory: '.taskwire',
    poolMax: 20,
    secret: null,
    tokens: null,
    acceptsPasswords: true,
    rateLimitPerMinute: 1200,
    streamsMax: 5000,
    changesKeptDays: 90,
    shutdownGraceMs: 0,
    logLevel: 'info',
    trustProxy: false,
    warmsUp: true,
    socketsPerAddress: 2000,
  })
})

test('an empty setting counts as missing', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '', LOG_LEVEL: '', ALLOWED_ORIGINS: ' , ' })).toEqual(readConfig({}))
})

test('every setting is read', () => {
  expect(
    readConfig({
      ...DATABASE,
      DATABASE_OWNER_URL: 'postgres://taskwire_owner:p@db.example.com:5433/tasks',
      HOST: '::1',
      PORT: '0',
      ALLOWED_ORIGINS: 'https://a.example.com, http://localhost:5173',
      DATABASE_POOL_MAX: '100',
      TASKWIRE_DIRECTORY: '/var/lib/taskwire',
      RATE_LIMIT_PER_MINUTE: '1',
      CHANGES_KEPT_DAYS: '30',
      SHUTDOWN_GRACE_MS: '1500',
      LOG_LEVEL: 'warn',
      TRUST_PROXY: 'true',
      WARM_UP: 'false',
      SOCKETS_PER_ADDRESS: '50',
    }),
  ).toMatchObject({
    host: '::1',
    port: 0,
    baseUrl: 'http://localhost:0',
    origins: ['https://a.example.com', 'http://localhost:5173'],
    database: {
      app: { host: 'db.example.com', port: 5433, user: 'taskwire_app', password: 'pass%word', tls: 'verify' },
      auth: { user: 'taskwire_auth', tls: 'off' },
      owner: { user: 'taskwire_owner' },
    },
    directory: '/var/lib/taskwire',
    poolMax: 100,
    secret: 'x'.repeat(32),
    rateLimitPerMinute: 1,
    changesKeptDays: 30,
    shutdownGraceMs: 1500,
    logLevel: 'warn',
    trustProxy: true,
    warmsUp: false,
    socketsPerAddress: 50,
  })
  expect(readConfig({ PUBLIC_URL: 'https://tasks.example.com' }).baseUrl).toBe('https://tasks.example.com')
})

/** Returns the lines of the error, one for each problem. */
function problemsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const [first, ...lines] = error.message.split('\n')
    expect(first).toBe('Taskwire cannot start with these settings:')
    return lines
  }
  throw new Error('The settings were accepted')
}

test.each<[string, Record<string, string>, RegExp]>([
  ['PORT', { PORT: 'http' }, /not a whole number; use one from 0 to 65535/],
  ['PORT', { PORT: '65536' }, /not from 0 to 65535/],
  ['PORT', { PORT: '-1' }, /not a whole number/],
  ['PORT', { PORT: '1e3' }, /not a whole number/],
  ['HOST', { HOST: 'this machine' }, /use 127\.0\.0\.1/],
  ['HOST', { HOST: 'http://localhost' }, /use 127\.0\.0\.1/],
  ['PUBLIC_URL', { PUBLIC_URL: 'tasks.example.com' }, /such as https:\/\/tasks\.example\.com/],
  ['PUBLIC_URL', { PUBLIC_URL: 'ftp://tasks.example.com' }, /web address/],
  ['ALLOWED_ORIGINS', { ALLOWED_ORIGINS: 'https://a.example.com/path' }, /without a path/],
  ['ALLOWED_ORIGINS', { ALLOWED_ORIGINS: 'https://a.example.com,*' }, /wildcard.*list each origin/],
  ['ALLOWED_ORIGINS', { ALLOWED_ORIGINS: 'https://*.example.com' }, /wildcard.*list each origin/],
  ['ALLOWED_ORIGINS', { ALLOWED_ORIGINS: 'null' }, /not an origin/],
  ['DATABASE_POOL_MAX', { DATABASE_POOL_MAX: '4' }, /from 5 to 100/],
  ['RATE_LIMIT_PER_MINUTE', { RATE_LIMIT_PER_MINUTE: '0' }, /from 1 to/],
  ['CHANGES_KEPT_DAYS', { CHANGES_KEPT_DAYS: '29' }, /from 30 to/],
  ['LOG_LEVEL', { LOG_LEVEL: 'verbose' }, /use one of debug, info, warn, error, silent/],
  ['TRUST_PROXY', { TRUST_PROXY: 'yes' }, /is not a boolean; use true or false/],
  ['WARM_UP', { WARM_UP: 'no' }, /is not a boolean; use true or false/],
  ['TASKWIRE_SECRET', { ...DATABASE, TASKWIRE_SECRET: 'short' }, /openssl rand/],
  ['TASKWIRE_SECRET', { ...DATABASE, TASKWIRE_SECRET: '' }, /missing.*openssl rand/],
  ['DATABASE_AUTH_URL', { ...DATABASE, DATABASE_AUTH_URL: '' }, /missing.*db:setup/],
  ['DATABASE_URL', { ...DATABASE, DATABASE_URL: '' }, /missing.*db:setup/],
  ['DATABASE_URL', { ...DATABASE, DATABASE_URL: 'mysql://a:b@c/d' }, /postgres:\/\//],
  ['DATABASE_URL', { ...DATABASE, DATABASE_URL: 'not an address' }, /write postgres:\/\//],
  ['DATABASE_URL', { ...DATABASE, DATABASE_URL: 'postgres://u:%zz@h/d' }, /%/],
  [
    'DATABASE_OWNER_URL',
    { ...DATABASE, DATABASE_OWNER_URL: 'postgres://o:p@ep-x-pooler.neon.tech/d' },
    /direct address/,
  ],
  [
    'DATABASE_DIRECT_URL',
    { ...DATABASE, DATABASE_DIRECT_URL: 'postgres://a:p@ep-x-pooler.neon.tech/d' },
    /without -pooler/,
  ],
  ['STREAMS_MAX', { STREAMS_MAX: '0' }, /from 1 to/],
])('an invalid %s is reported with the reason and the remedy: %o', (name, env, message) => {
  const lines = problemsOf(env)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(new RegExp(`^  - ${name} `))
  expect(lines[0]).toMatch(message)
})

test('all problems are reported at once, without passwords', () => {
  const secret = 'very-secret-password'
  const lines = problemsOf({
    PORT: 'x',
    LOG_LEVEL: 'loud',
    DATABASE_URL: `postgres://app:${secret}@host/tasks?sslmode=maybe`,
    DATABASE_OWNER_URL: `nonsense ${secret}`,
  })
  expect(lines.map((line) => /^ {2}- (\w+)/.exec(line)?.[1]).toSorted()).toEqual([
    'DATABASE_AUTH_URL',
    'DATABASE_OWNER_URL',
    'DATABASE_URL',
    'LOG_LEVEL',
    'PORT',
    'TASKWIRE_SECRET',
  ])
  expect(lines.join()).not.toContain(secret)
})

test('notifications use DATABASE_URL, unless it is a pooler or DATABASE_DIRECT_URL is set', () => {
  const direct = (env: Record<string, string>): string | undefined =>
    readConfig({ ...DATABASE, ...env }).database?.direct?.host
  const pooler = { DATABASE_URL: 'postgres://a:p@ep-x-pooler.neon.tech/d' }
  expect(direct({})).toBe(readConfig(DATABASE).database?.app.host)
  expect(direct(pooler)).toBeUndefined()
  expect(direct({ ...pooler, DATABASE_DIRECT_URL: 'postgres://a:p@ep-x.neon.tech/d' })).toBe('ep-x.neon.tech')
})

test.each([
  [{ AUTH_ISSUER: 'https://login.example.com' }, 'AUTH_AUDIENCE is missing'],
  [{ AUTH_AUDIENCE: 'a' }, 'AUTH_ISSUER is missing. It is needed for: AUTH_AUDIENCE.'],
  [{ AUTH_ISSUER: 'http://login.example.com', AUTH_AUDIENCE: 'a' }, 'AUTH_ISSUER is not an https URL'],
  [{ AUTH_ISSUER: 'me', AUTH_AUDIENCE: 'a', AUTH_JWKS_URL: 'http://192.0.2.1/' }, 'AUTH_JWKS_URL is not an https'],
  [{ AUTH_ISSUER: 'me', AUTH_AUDIENCE: 'a', AUTH_JWKS_URL: 'https://a:b@x/' }, 'AUTH_JWKS_URL is not an https'],
  [{ AUTH_ISSUER: 'me', AUTH_AUDIENCE: 'a', AUTH_JWKS_URL: 'file:///keys' }, 'AUTH_JWKS_URL is not an https'],
  [{ AUTH_FRESH_SECONDS: '0' }, 'AUTH_FRESH_SECONDS is not a whole number'],
  [{ AUTH_PASSWORD: 'no' }, 'AUTH_PASSWORD is not on or off'],
])('token settings %j are refused: %s', (given, problem) => {
  expect(() => readConfig(given)).toThrow(problem)
})

test('an issuer is an https URL, a URL of this machine, or any name if AUTH_JWKS_URL is set', () => {
  const tokensOf = (given: object) => readConfig({ AUTH_AUDIENCE: 'a', ...given }).tokens
  expect(tokensOf({ AUTH_ISSUER: 'https://login.example.com/' })).toEqual({
    issuer: 'https://login.example.com/',
    audience: 'a',
    jwksUrl: null,
    freshSeconds: null,
  })
  expect(tokensOf({ AUTH_ISSUER: 'http://localhost:1', AUTH_FRESH_SECONDS: '60' })).toMatchObject({ freshSeconds: 60 })
  for (const url of ['https://login.example.com/keys', 'http://127.0.0.1:1/keys', 'http://[::1]/keys'])
    expect(tokensOf({ AUTH_ISSUER: 'me', AUTH_JWKS_URL: url })).toMatchObject({ issuer: 'me', jwksUrl: url })
})
