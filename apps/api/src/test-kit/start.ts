import { connectOnce } from '@taskwire/db'
import { ConfigError, environment, readConfig } from '../config.ts'
import { createService } from '../service.ts'
import { serveControl } from './control.ts'
import { createOnServer, startTemporary } from './database.ts'
import { createKey, createUser } from './users.ts'

export interface TestKitOptions {
  /** The address of a server, with an administrator's login; without it, a temporary PostgreSQL is started. */
  databaseUrl?: string
  /** The time zone of new users. */
  timeZone: string
  /** Settings of the service, as environment variables. */
  settings: Record<string, string>
}

export interface TestKit {
  address: { url: string; control: string }
  stop(): Promise<void>
}

const WITHOUT_LIMITS = { RATE_LIMIT_PER_MINUTE: '10000000', SOCKETS_PER_ADDRESS: '10000', STREAMS_MAX: '100000' }

export async function startTestKit({ databaseUrl, timeZone, settings }: TestKitOptions): Promise<TestKit> {
  refuseUnknown(settings)
  const config = readConfig({ PORT: '0', LOG_LEVEL: 'error', WARM_UP: 'false', ...WITHOUT_LIMITS, ...settings })
  await using acquired = new AsyncDisposableStack()
  const database = databaseUrl === undefined ? await startTemporary() : await createOnServer(databaseUrl)
  acquired.defer(database.stop)
  const service = await createService({
    config: { ...config, database, secret: database.secret },
    logStream: process.stderr,
    limitSignIn: false,
    limitsRequests: false,
    limitsSlowCalls: false,
    // Cheap, since tests sign up often.
    hashing: { N: 2, r: 1, p: 1 },
  })
  acquired.defer(async () => {
    // No test waits for the replies in progress.
    service.app.server.closeAllConnections()
    await service.close()
  })
  await service.ready
  const url = await service.listen()
  const auth = acquired.use(await connectOnce({ address: database.auth, applicationName: 'taskwire-testing' }))
  const control = await serveControl({
    user: async (input) => ({ url, ...(await createUser(auth, { timeZone, ...(input as object) })) }),
    serviceKey: async (input) => await createKey(database.owner, input),
  })
  const kept = acquired.move()
  return { address: { url, control }, stop: async () => await kept.disposeAsync() }
}

function refuseUnknown(settings: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(settings).filter((name) => !Object.hasOwn(environment.shape, name))
  if (unknown.length === 0) return
  throw new ConfigError(
    `settings has ${unknown.join(', ')}, which the test service does not take: use the settings of the service, except those of its database.`,
  )
}
