import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest, RegisterOptions } from 'fastify'
import { LIMITS } from '@taskwire/contract'
import { vouchedUser, type Voucher } from './auth/vouched-user.ts'
import { ConfigError, readConfig } from './config.ts'
import { describeError } from './http/log.ts'
import { addressOf } from './http/network.ts'
import { createService } from './service.ts'

/** A user of the host. */
export interface HostUser {
  /** The host's id of the user, by which the account is found: it must never change. */
  externalId: string
  name?: string | undefined
  email?: string | undefined
  /** An IANA name, such as Europe/Berlin. */
  timeZone?: string | undefined
}

/** The addresses of the database, as `taskwire-admin setup` prints them. */
export interface DatabaseAddresses {
  /** The address with the login taskwire_app (DATABASE_URL). */
  url: string
  /** The address with the login taskwire_auth (DATABASE_AUTH_URL). */
  authUrl: string
  /** The address with the login taskwire_owner (DATABASE_OWNER_URL). If set, the plugin migrates the database. */
  ownerUrl?: string | undefined
  /** The address with the login taskwire_app, but without a pooler (DATABASE_DIRECT_URL). */
  directUrl?: string | undefined
}

export interface TaskwireOptions {
  /** The path below which the service is served, such as /tasks. */
  prefix?: string
  /** `embedded` starts a PostgreSQL for development, which needs the package @taskwire/embedded-db. */
  database: DatabaseAddresses | 'embedded'
  /** The same in all processes (TASKWIRE_SECRET). Not needed with the embedded database. */
  secret?: string | undefined
  /**
   * Returns the user of a request, or null for none. The user's first call creates the account. Runs after the host's
   * own onRequest hooks, and before the body is read. If it throws, the call is refused as UNAUTHENTICATED.
   */
  userOf?: ((request: FastifyRequest) => HostUser | null | Promise<HostUser | null>) | undefined
  /**
   * The public URL with the prefix (PUBLIC_URL). If set, users may also sign up and in with Taskwire's own passwords,
   * below /auth.
   */
  publicUrl?: string | undefined
  /** Further settings by their names, such as `{ RATE_LIMIT_PER_MINUTE: '600' }` (docs/settings.md). */
  settings?: Readonly<Record<string, string>> | undefined
}

/**
 * How long the registration waits for the database. After that, calls are refused as UNAVAILABLE until it can be
 * reached.
 */
const WAIT_MS = 2000

// The type allows serializers to return only strings, but the logger also takes objects.
const logSerializers = { err: describeError } as unknown as FastifyLogSerializers
type FastifyLogSerializers = NonNullable<RegisterOptions['logSerializers']>

async function register(app: FastifyInstance, options: TaskwireOptions): Promise<void> {
  // In a scope of its own, whose serializer keeps SQL and rows out of logged errors.
  await app.register(async (scope: FastifyInstance) => await mount(scope, options), { logSerializers })
}

async function mount(scope: FastifyInstance, { userOf, publicUrl, ...options }: TaskwireOptions): Promise<void> {
  const config = configOf(publicUrl, options)
  if (userOf !== undefined && config.tokens !== null)
    throw new ConfigError(
      'AUTH_ISSUER cannot be set together with userOf, since both say who the user of a request is. Leave one of them out.',
    )
  const log = scope.log.child({ plugin: 'taskwire' }, { serializers: { err: describeError } })
  const addresses = new WeakMap<IncomingMessage, string>()
  scope.addHook('onRequest', (request, _reply, done) => {
    addresses.set(request.raw, request.ip)
    done()
  })
  const bodyLimit = Math.min(scope.initialConfig.bodyLimit ?? LIMITS.bodyBytes, LIMITS.bodyBytes)
  scope.addHook('onRoute', (route) => {
    route.bodyLimit ??= bodyLimit
  })
  const service = await createService({
    config,
    voucher: userOf && voucherOf(userOf),
    host: {
      scope,
      log,
      addressOf: (request) => addresses.get(request) ?? addressOf(request, false),
      hasSignIn: publicUrl !== undefined,
    },
    report: (line) => log.info(line),
  })
  scope.addHook('onClose', async () => await service.close())
  service.prepared.catch((error: unknown) => log.error({ err: error }, 'cannot use the database'))
  await Promise.race([service.prepared, pause(WAIT_MS, undefined, { ref: false })])
}

function voucherOf(userOf: NonNullable<TaskwireOptions['userOf']>): Voucher {
  const vouch = (user: HostUser | null) => (user === null ? undefined : vouchedUser(user))
  return {
    // The host may recognise its users by a cookie, which browsers send by themselves.
    isAmbient: true,
    userOf(request) {
      // mount.ts passes Fastify's own request.
      const user = userOf(request)
      return user instanceof Promise ? user.then(vouch) : vouch(user)
    },
  }
}

/** The options by which messages for a host name the settings. */
const OPTION_NAMES: readonly [setting: string, option: string][] = [
  ['DATABASE_AUTH_URL', 'database.authUrl'],
  ['DATABASE_OWNER_URL', 'database.ownerUrl'],
  ['DATABASE_DIRECT_URL', 'database.directUrl'],
  ['DATABASE_URL', 'database.url'],
  ['TASKWIRE_SECRET', 'secret'],
  ['PUBLIC_URL', 'publicUrl'],
]

function configOf(
  publicUrl: string | undefined,
  { database, secret, settings }: Omit<TaskwireOptions, 'userOf' | 'publicUrl'>,
): ReturnType<typeof readConfig> {
  const given = database === 'embedded' ? undefined : database
  const all = {
    ...settings,
    DATABASE_URL: given?.url,
    DATABASE_AUTH_URL: given?.authUrl,
    DATABASE_OWNER_URL: given?.ownerUrl,
    DATABASE_DIRECT_URL: given?.directUrl,
    TASKWIRE_SECRET: secret,
    PUBLIC_URL: publicUrl,
  }
  try {
    return readConfig(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    let { message } = error
    for (const [setting, option] of OPTION_NAMES) message = message.replaceAll(setting, option)
    throw new ConfigError(message)
  }
}

/**
 * Taskwire as a plugin of Fastify 5: `await app.register(taskwire, { prefix: '/tasks', database, userOf })`. Its hooks, parsers
 * and error replies apply below the prefix only. It closes with the host.
 */
export const taskwire: FastifyPluginAsync<TaskwireOptions> = Object.assign(register, {
  // By this, Fastify refuses the plugin if its own version does not match.
  [Symbol.for('plugin-meta')]: { name: '@taskwire/server', fastify: '5.x' },
})
