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
  /** The host's id of the user, for ever: the account is found by it. */
  externalId: string
  name?: string | undefined
  email?: string | undefined
  /** An IANA name, such as Europe/Berlin. */
  timeZone?: string | undefined
}

/** The addresses of the database, as `taskwire-admin setup` prints them. */
export interface DatabaseAddresses {
  /** As taskwire_app: DATABASE_URL. */
  url: string
  /** As taskwire_auth: DATABASE_AUTH_URL. */
  authUrl: string
  /** As taskwire_owner: DATABASE_OWNER_URL. If set, the plugin migrates the database. */
  ownerUrl?: string | undefined
  /** As taskwire_app, without the pooler: DATABASE_DIRECT_URL. */
  directUrl?: string | undefined
}

export interface TaskwireOptions {
  /** The path below which the service is served, such as /tasks. */
  prefix?: string
  /** `embedded` is a PostgreSQL of its own, for development; it needs the package @taskwire/embedded-db. */
  database: DatabaseAddresses | 'embedded'
  /** TASKWIRE_SECRET: the same in all processes; not needed with the embedded database. */
  secret?: string | undefined
  /**
   * Returns the user of a request, whose account is made at the first call, or null. It is called after the host's own
   * onRequest hooks, and before the body is read. If it throws, the call is UNAUTHENTICATED.
   */
  userOf?: ((request: FastifyRequest) => HostUser | null | Promise<HostUser | null>) | undefined
  /** PUBLIC_URL, with the prefix. If set, accounts may also sign in by Taskwire's own passwords, below /auth. */
  publicUrl?: string | undefined
  /** Further settings by their names, such as `{ RATE_LIMIT_PER_MINUTE: '600' }` (docs/settings.md). */
  settings?: Readonly<Record<string, string>> | undefined
}

/** How long the registration waits for the database. Afterwards calls are UNAVAILABLE until it can be reached. */
const WAIT_MS = 2000

// The type allows only texts, but the log takes objects.
const logSerializers = { err: describeError } as unknown as FastifyLogSerializers
type FastifyLogSerializers = NonNullable<RegisterOptions['logSerializers']>

async function register(app: FastifyInstance, options: TaskwireOptions): Promise<void> {
  // A scope of its own, so that errors are logged without SQL and rows.
  await app.register(async (scope: FastifyInstance) => await mount(scope, options), { logSerializers })
}

async function mount(scope: FastifyInstance, { userOf, publicUrl, ...options }: TaskwireOptions): Promise<void> {
  const config = configOf(publicUrl, options)
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
    // The host may read a cookie.
    isAmbient: true,
    userOf(request) {
      // In a server of Fastify it is Fastify's request (mount.ts).
      const user = userOf(request)
      return user instanceof Promise ? user.then(vouch) : vouch(user)
    },
  }
}

/** The names of the settings in messages. */
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
 * and replies hold below the prefix only. It closes with the host.
 */
export const taskwire: FastifyPluginAsync<TaskwireOptions> = Object.assign(register, {
  // Fastify refuses a plugin of another version by this.
  [Symbol.for('plugin-meta')]: { name: '@taskwire/server', fastify: '5.x' },
})
