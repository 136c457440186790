import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabaseProxy } from '@taskwire/api/process-testing'
import { type Address, connectOnce, type Login, migrate, parseAddress, setUpRoles } from '@taskwire/db'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '@taskwire/embedded-db'
import { processTreeOf, signalAll, until } from './processes.ts'
import type { Random } from './random.ts'

const DATABASE = 'taskwire'
const PASSWORD = 'only for these experiments'
const SECRET = 'a secret of these experiments that is long enough'

export interface User {
  id: string
  token: string
}

/** A migrated PostgreSQL of one experiment, which can be killed and restarted behind the same port. */
export interface Server extends AsyncDisposable {
  /** Its directory; the data directory is `data` in it. */
  directory: string
  /** Environment variables for an instance of the service. */
  settings: Record<string, string>
  /** Its direct address, for one of its logins or for a superuser. The port changes with each start. */
  address(login: Login | 'postgres', database?: string): Address
  /** Its URL, through a port that stays the same. */
  url(login: Login, database?: string): string
  /** Runs SQL as a superuser. */
  query<Row extends object>(text: string, database?: string): Promise<Row[]>
  /** Creates an empty database, if missing, and grants the roles their rights. */
  addDatabase(name: string): Promise<void>
  /** Adds signed-in test users. */
  addUsers(count: number, random: Random): Promise<User[]>
  /** Sends SIGKILL to the postmaster and all its processes. */
  kill(): Promise<void>
  /** Starts it again after a kill. */
  start(): Promise<void>
  /** All its processes. */
  processes(): Promise<number[]>
  /** The text of its log. */
  log(): Promise<string>
}

export interface ServerOptions {
  /** A temporary directory by default. */
  directory?: string
  /** False by default: fast, and safe against killed processes, but not against a power cut. */
  durable?: boolean
  settings?: Record<string, string>
  /** Whether to migrate the database; true by default. */
  migrated?: boolean
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const temporary = options.directory === undefined ? await mkdtemp(join(tmpdir(), 'taskwire-torture-')) : undefined
  const directory = options.directory ?? temporary ?? ''
  const { durable = false, migrated = true } = options
  const binDirectory = process.env['TASKWIRE_TEST_PG_BIN']
  const settings = { synchronous_commit: 'on', ...options.settings }
  const target = { host: '127.0.0.1', port: 0 }
  const proxy = await createDatabaseProxy({ app: target })
  // Listen now, while the port is still free. Connections are refused until PostgreSQL has started.
  await proxy.mend()
  let running: EmbeddedDatabase | undefined

  async function start(): Promise<void> {
    running = await startEmbeddedDatabase({
      directory,
      durable,
      settings,
      ...(binDirectory === undefined ? {} : { binDirectory }),
    })
    target.port = running.port
  }
  async function stop(): Promise<void> {
    await proxy.cut()
    await running?.stop()
    running = undefined
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true, maxRetries: 5 })
  }

  function address(login: Login | 'postgres', database = DATABASE): Address {
    const admin = parseAddress('the database of the experiment', running?.adminUrl ?? '')
    return { ...admin, database, ...(login === 'postgres' ? {} : { user: login, password: PASSWORD }) }
  }
  async function query<Row extends object>(text: string, database?: string): Promise<Row[]> {
    await using connection = await connectOnce({ address: address('postgres', database), applicationName: 'torture' })
    return [...(await connection.sql.unsafe<Row[]>(text))]
  }
  async function processes(): Promise<number[]> {
    const pidFile = await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8').catch(() => '')
    const pid = Number.parseInt(pidFile, 10)
    return Number.isNaN(pid) ? [] : await processTreeOf(pid)
  }
  const url = (login: Login, database = DATABASE): string =>
    `postgres://${login}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}/${database}`
  async function addDatabase(name: string): Promise<void> {
    const [existing] = await query(`select 1 from pg_database where datname = '${name}'`, 'postgres')
    if (existing === undefined) await query(`create database ${name} template template0`, 'postgres')
    const passwords = { taskwire_owner: PASSWORD, taskwire_app: PASSWORD, taskwire_auth: PASSWORD }
    await setUpRoles({ admin: address('postgres', name), passwords })
  }

  const server: Server = {
    directory,
    get settings() {
      return {
        DATABASE_URL: url('taskwire_app'),
        DATABASE_AUTH_URL: url('taskwire_auth'),
        TASKWIRE_SECRET: SECRET,
        RATE_LIMIT_PER_MINUTE: '10000000',
        LOG_LEVEL: 'error',
        // The warm-up makes calls, which the experiments would count as those of a caller.
        WARM_UP: 'false',
      }
    },
    address,
    url,
    query,
    addDatabase,
    async addUsers(count, random) {
      const users = Array.from({ length: count }, () => ({ id: random.uuid(), token: random.token() }))
      const valuesOf = (value: (user: User) => string): string => users.map((user) => `('${value(user)}')`).join()
      await query(`insert into auth.users (id, name, email)
        select id::uuid, 'Somebody', id || '@example.com' from (values ${valuesOf(({ id }) => id)}) u(id)`)
      await query(`insert into auth.sessions (user_id, token_hash, expires_at)
        select split_part(pair, ' ', 1)::uuid, decode(split_part(pair, ' ', 2), 'hex'), now() + interval '1 day'
        from (values ${valuesOf(({ id, token }) => `${id} ${createHash('sha256').update(token).digest('hex')}`)}) s(pair)`)
      return users
    },
    processes,
    async kill() {
      // The postmaster is stopped first, so that it forks no process while the processes are listed. A backend that was
      // not killed could wait forever for a lock in shared memory that a killed one held.
      signalAll((await processes()).slice(0, 1), 'SIGSTOP')
      const pids = await processes()
      signalAll(pids, 'SIGKILL')
      await until('PostgreSQL to end', () => signalAll(pids, 0) === 0)
    },
    start,
    log: async () => await readFile(join(directory, 'postgres.log'), 'utf8'),
    [Symbol.asyncDispose]: stop,
  }

  try {
    await start()
    await addDatabase(DATABASE)
    if (migrated) await migrate({ address: address('taskwire_owner') })
    return server
  } catch (error) {
    await stop()
    throw error
  }
}
