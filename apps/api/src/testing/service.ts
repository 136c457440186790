import { connectOnce } from '@taskwire/db'
import {
  createTestDatabase,
  checkSentQueries,
  keepIsolation,
  PATIENT,
  type TestDatabase,
  type IsolationLayers,
  ISOLATION_LAYERS,
} from '@taskwire/db/testing'
import { readConfig } from '../config.ts'
import type { Voucher } from '../auth/vouched-user.ts'
import type { FeedTimes } from '../feed/feed.ts'
import { newSecret } from '../procedures/keys/keys.ts'
import { createService, type Service } from '../service.ts'

export { metric, until } from './metrics.ts'

checkSentQueries()

/** A service of one test file, on a database of its own, listening on a free port. */
export interface TestService extends AsyncDisposable {
  url: string
  service: Service
  database: TestDatabase
  /** The lines of the service's log, as JSON. */
  log: string[]
  /** Signs up a new user. */
  signUp(name?: string): Promise<TestUser>
  /** Creates a service key; returns its secret. */
  addServiceKey(scopes: string): Promise<string>
  /** Runs SQL as a superuser of this database, without row-level security. */
  admin(text: string, parameters?: (string | number | null)[]): Promise<Record<string, unknown>[]>
}

export interface TestUser {
  id: string
  email: string
  password: string
  token: string
  /** The session cookie, as a browser would send it. */
  cookie: string
}

export interface TestServiceOptions {
  env?: Record<string, string>
  voucher?: Voucher
  database?: TestDatabase
  feedTimes?: Partial<FeedTimes>
  /** Limits sign-in attempts; by default off. */
  limitSignIn?: boolean
  /** Which of the two isolation layers are active; by default those in TASKWIRE_TEST_ISOLATION, or both. */
  isolation?: IsolationLayers
  /** Refuses requests when the machine is overloaded; by default off, since tests run in parallel. */
  limitsRequests?: boolean
  /** Lets slow calls wait for each other, and refuses those that wait too long; by default on. */
  limitsSlowCalls?: boolean
  /** Handles every call by tRPC's own adapter. */
  officialAdapter?: boolean
  /** The directory of a built front end; by default none. */
  frontEnd?: string
  /** Lets the service call its own procedures before it is ready; by default off, to save time. */
  warmsUp?: boolean
  /** Removes the time limits of calls, for tests of large calls on a slow machine. */
  patient?: boolean
  /** The deadline of one database call, in milliseconds. */
  deadlineMs?: number
}

function isolationFrom(name: string): IsolationLayers {
  const isolation = ISOLATION_LAYERS.find((known) => known === name)
  if (isolation === undefined)
    throw new Error(`TASKWIRE_TEST_ISOLATION is ${name}; use one of ${ISOLATION_LAYERS.join(', ')}`)
  return isolation
}

/** Removes the roles' statement_timeout in this database. */
async function removeStatementTimeout({ admin, name }: TestDatabase): Promise<void> {
  await using connection = await connectOnce({ address: admin, applicationName: 'taskwire-test' })
  await connection.sql.unsafe(`alter role taskwire_app in database ${name} set statement_timeout = 0`)
}

export async function startTestService({
  env = {},
  voucher,
  database: given,
  feedTimes = {},
  limitSignIn = false,
  isolation = isolationFrom(process.env['TASKWIRE_TEST_ISOLATION'] ?? 'both'),
  limitsRequests = false,
  limitsSlowCalls = true,
  officialAdapter = false,
  // What happens to be built on this machine is not served.
  frontEnd = 'none',
  warmsUp = false,
  patient = false,
  deadlineMs,
}: TestServiceOptions = {}): Promise<TestService> {
  const database = given ?? (await createTestDatabase())
  if (patient) await removeStatementTimeout(database)
  const isolated = await keepIsolation(database, isolation)
  const log: string[] = []
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.url('taskwire_app', isolated.app),
    DATABASE_AUTH_URL: database.url('taskwire_auth'),
    TASKWIRE_SECRET: 'a secret of tests that is long enough',
    RATE_LIMIT_PER_MINUTE: '1000000',
    LOG_LEVEL: 'info',
    WARM_UP: String(warmsUp),
    ...env,
  })
  const service = await createService({
    config,
    voucher,
    logStream: { write: (line) => void log.push(line) },
    limitSignIn,
    // Cheap hashing, since tests sign up often.
    hashing: { N: 2, r: 1, p: 1 },
    feedTimes,
    limitsRequests,
    limitsSlowCalls,
    officialAdapter,
    frontEnd,
    deadlineMs: patient ? PATIENT.deadlineMs : deadlineMs,
  })
  await service.prepared
  if (!warmsUp) await service.ready
  const url = await service.listen()
  let users = 0
  async function admin(text: string, parameters: (string | number | null)[] = []): Promise<Record<string, unknown>[]> {
    await using connection = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
    return [...(await connection.sql.unsafe(text, parameters))]
  }
  return {
    url,
    service,
    database,
    log,
    async signUp(name = 'Somebody') {
      const email = `user${++users}-${process.pid}@example.com`
      const password = 'correct horse battery'
      const response = await fetch(`${url}/auth/sign-up/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password, name }),
      })
      if (response.status !== 200) throw new Error(`Sign-up answered ${response.status}: ${await response.text()}`)
      const { token, user } = (await response.json()) as { token: string; user: { id: string } }
      const cookie = response.headers
        .getSetCookie()
        .map((line) => line.split(';', 1)[0])
        .join('; ')
      return { id: user.id, email, password, token, cookie }
    },
    async addServiceKey(scopes) {
      const { secret, hash } = newSecret('service')
      await admin(
        `insert into tw.service_keys (id, name, scopes, secret_hash)
         values (gen_random_uuid(), $1, string_to_array($2, ','), decode($3, 'hex'))`,
        [secret, scopes, hash.toString('hex')],
      )
      return secret
    },
    admin,
    async [Symbol.asyncDispose]() {
      await service.close()
      await isolated[Symbol.asyncDispose]()
      if (given === undefined) await database[Symbol.asyncDispose]()
    },
  }
}
