import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lineTo } from '@taskwire/api/process-testing'
import { type Address, connectOnce, type Login, migrate, parseAddress, setUpRoles } from '@taskwire/db'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '@taskwire/embedded-db'
import { familyOf, signalAll, until } from './processes.ts'
import type { Random } from './random.ts'

const DATABASE = 'taskwire'
const PASSWORD = 'only for these experiments'
const SECRET = 'a secret of these experiments that is long enough'

export interface User {
  id: string
  token: string
}

/** A PostgreSQL of one experiment, migrated, which can be killed and started again behind the same port. */
export interface Server extends AsyncDisposable {
  /** Where its data is; `data` is within. */
  directory: string
  /** What an instance of the service needs to use it. */
  settings: Record<string, string>
  /** Its address as one of its logins, or as a superuser; anew after each start. */
  address(login: Login | 'postgres', database?: string): Address
  /** The same as a setting, behind the port that stays. */
  url(login: Login, database?: string): string
  /** Runs SQL as a superuser. */
  query<Row extends object>(text: string, database?: string): Promise<Row[]>
  /** Makes an empty database of that name, with the roles' rights. */
  addDatabase(name: string): Promise<void>
  /** Adds people who are signed in. */
  addUsers(count: number, random: Random): Promise<User[]>
  /** SIGKILL to the postmaster and to every process of its. */
  kill(): Promise<void>
  /** Starts it again, after a kill. */
  start(): Promise<void>
  /** All its processes. */
  processes(): Promise<number[]>
  /** What it wrote to its log. */
  log(): Promise<string>
}

export interface ServerOptions {
  /** Where it is to live; a temporary directory, unless told. */
  directory?: string
  /** False, as by default, loses data when the machine stops: killing a process does not need more. */
  durable?: boolean
  settings?: Record<string, string>
  /** False leaves the database unmigrated. */
  migrated?: boolean
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const temporary = options.directory === undefined ? await mkdtemp(join(tmpdir(), 'taskwire-torture-')) : undefined
  const directory = options.directory ?? temporary ?? ''
  const { durable = false, migrated = true } = options
  const binDirectory = process.env['TASKWIRE_TEST_PG_BIN']
  const settings = { synchronous_commit: 'on', ...options.settings }
  const target = { host: '127.0.0.1', port: 0 }
  const line = await lineTo({ app: target })
  // At once, while its port is free still; while nobody is there, those who ask at it are turned away.
  await line.mend()
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
    await line.cut()
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
    return Number.isNaN(pid) ? [] : await familyOf(pid)
  }
  const url = (login: Login, database = DATABASE): string =>
    `postgres://${login}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${line.port}/${database}`
  async function addDatabase(name: string): Promise<void> {
    const [there] = await query(`select 1 from pg_database where datname = '${name}'`, 'postgres')
    if (there === undefined) await query(`create database ${name} template template0`, 'postgres')
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
      }
    },
    address,
    url,
    query,
    addDatabase,
    async addUsers(count, random) {
      const users = Array.from({ length: count }, () => ({ id: random.uuid(), token: random.token() }))
      const of = (value: (user: User) => string): string => users.map((user) => `('${value(user)}')`).join()
      await query(`insert into auth.users (id, name, email)
        select id::uuid, 'Somebody', id || '@example.com' from (values ${of(({ id }) => id)}) u(id)`)
      await query(`insert into auth.sessions (user_id, token_hash, expires_at)
        select split_part(pair, ' ', 1)::uuid, decode(split_part(pair, ' ', 2), 'hex'), now() + interval '1 day'
        from (values ${of(({ id, token }) => `${id} ${createHash('sha256').update(token).digest('hex')}`)}) s(pair)`)
      return users
    },
    processes,
    async kill() {
      // Stopped first, so that it forks none while its processes are listed: a backend that is left waits for ever for a
      // lock in shared memory that a killed one held.
      signalAll((await processes()).slice(0, 1), 'SIGSTOP')
      const family = await processes()
      signalAll(family, 'SIGKILL')
      await until('PostgreSQL to be gone', () => signalAll(family, 0) === 0)
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
