#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** The program taskwire-server of the package. A checkout starts main.ts instead, on the embedded database by default. */
const USAGE = `taskwire-server: serves Taskwire

  taskwire-server               uses the database of DATABASE_URL
  taskwire-server --embedded    starts a PostgreSQL for development; needs @taskwire/embedded-db
  taskwire-server --help        prints this
  taskwire-server --version     prints the version

taskwire-admin prepares a database, and prints its settings. Settings are environment variables:

  DATABASE_URL           the login taskwire_app
  DATABASE_AUTH_URL      the login taskwire_auth
  DATABASE_OWNER_URL     the login taskwire_owner; if set, the service migrates the database when it starts
  DATABASE_DIRECT_URL    taskwire_app without the pooler, for notifications
  DATABASE_POOL_MAX      connections of one process (20)
  TASKWIRE_SECRET        key for counting sign-in attempts; the same for all processes
  TASKWIRE_DIRECTORY     directory of the embedded database (.taskwire)
  HOST, PORT             where it listens (127.0.0.1, 4000)
  PUBLIC_URL             the URL that browsers use (http://localhost:PORT)
  ALLOWED_ORIGINS        further origins whose pages may call, separated by commas
  TRUST_PROXY            true behind a load balancer that sets X-Forwarded-For (false)
  AUTH_ISSUER            issuer whose tokens (JWTs) are accepted as credentials
  AUTH_AUDIENCE          audience that these tokens must name
  AUTH_JWKS_URL          URL of the issuer's keys, if its discovery document does not name it
  AUTH_FRESH_SECONDS     age in seconds up to which a token may create keys and delete its account
  AUTH_PASSWORD          off turns Taskwire's own passwords off (on)
  RATE_LIMIT_PER_MINUTE  calls of a user to one process (1200)
  STREAMS_MAX            streams of all users in one process (5000)
  SOCKETS_PER_ADDRESS    connections from one IP address to one process (2000)
  CHANGES_KEPT_DAYS      days for which Changes are kept (90)
  SHUTDOWN_GRACE_MS      time for load balancers to notice a stop, in milliseconds (0)
  LOG_LEVEL              debug, info, warn, error or silent (info)
  WARM_UP                whether the service calls its own procedures before it is ready (true)

Health checks: /health/live and /health/ready. The service stops on SIGTERM.
`

/** Returns why the arguments are refused; undefined if the service is to start. */
function refusalOf(isEmbedded: boolean): string | undefined {
  const hasDatabase = (process.env['DATABASE_URL'] ?? '') !== ''
  if (isEmbedded && hasDatabase)
    return 'DATABASE_URL is set, but --embedded starts another database: leave one of them out.'
  if (!isEmbedded && !hasDatabase)
    return 'DATABASE_URL is missing: create the roles of a database and print the settings with taskwire-admin setup ADDRESS, or for development start with --embedded.'
  return undefined
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { embedded: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
  })
  if (values.help === true) return void process.stdout.write(USAGE)
  // The package's manifest has this shape.
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  if (values.version === true) return void process.stdout.write(`${version}\n`)
  const refusal = refusalOf(values.embedded === true)
  if (refusal === undefined) return void (await import('./main.ts'))
  process.stderr.write(`${refusal}\n`)
  process.exitCode = 1
}

try {
  await run()
} catch (error) {
  if (!(error instanceof TypeError && String(Reflect.get(error, 'code')).startsWith('ERR_PARSE_ARGS'))) throw error
  process.stderr.write(`${error.message}\n\n${USAGE}`)
  process.exitCode = 2
}
