import { randomUUID } from 'node:crypto'
import { type Address, parseAddress } from '../connection/address.ts'
import { connectOnce } from '../connection/connect.ts'
import { migrate, type MigrateOptions } from '../migrate.ts'
import { type Login, setUpRoles } from '../setup.ts'

/** The environment variable by which vitest's set-up passes the server's address to the tests. */
export const TEST_SERVER = 'TASKWIRE_TEST_SERVER'
const TEMPLATE = 'taskwire_template'
const PASSWORD = 'only-for-tests'
const PASSWORDS: Record<Login, string> = { taskwire_owner: PASSWORD, taskwire_app: PASSWORD, taskwire_auth: PASSWORD }

/** Limits of a pool that no call reaches, however slow the machine is: for tests that are not about limits. */
export const PATIENT = { waitMs: 60_000, deadlineMs: 60_000 }

/** A database of one test file, dropped when its scope ends. */
export interface TestDatabase extends AsyncDisposable {
  name: string
  /** The address of a superuser, which sees all rows. */
  admin: Address
  owner: Address
  app: Address
  auth: Address
  /** The address of a login as a URL; `at` is another host and port that forwards to it. */
  url(login: Login, at?: Pick<Address, 'host' | 'port'>): string
}

function as(admin: Address, database: string, user: string, password: string): Address {
  return { ...admin, database, user, password }
}

/** Creates the roles and the template of every test database; `directories` replace those of migrations and functions. */
export async function makeTemplate(
  adminUrl: string,
  directories: Pick<MigrateOptions, 'directory' | 'functionsDirectory'> = {},
): Promise<void> {
  const admin = parseAddress(TEST_SERVER, adminUrl)
  {
    await using server = await connectOnce({ address: admin, applicationName: 'taskwire-test' })
    await server.sql.unsafe(`drop database if exists ${TEMPLATE}`)
    // Another time zone than that of the service and of the tests, so that a missing conversion shows.
    await server.sql.unsafe(`create database ${TEMPLATE} template template0`)
    await server.sql.unsafe(`alter database ${TEMPLATE} set timezone = 'America/St_Johns'`)
  }
  await setUpRoles({ admin: { ...admin, database: TEMPLATE }, passwords: PASSWORDS })
  await migrate({ address: as(admin, TEMPLATE, 'taskwire_owner', PASSWORD), ...directories })
}

/** Creates a database with roles and no migration. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return await create('template0', async (address) => await setUpRoles({ admin: address, passwords: PASSWORDS }))
}

/** Creates a migrated database. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return await create(TEMPLATE, async () => {})
}

async function create(template: string, prepare: (admin: Address) => Promise<void>): Promise<TestDatabase> {
  const url = process.env[TEST_SERVER]
  if (url === undefined) throw new Error(`${TEST_SERVER} is not set: run the tests by vitest from the workspace root`)
  const server = parseAddress(TEST_SERVER, url)
  const name = `test_${randomUUID().replaceAll('-', '')}`
  {
    await using connection = await connectOnce({ address: server, applicationName: 'taskwire-test' })
    await connection.sql.unsafe(`create database ${name} template ${template}`)
    // Settings and grants of a database are not copied from its template.
    await connection.sql.unsafe(`alter database ${name} set timezone = 'America/St_Johns'`)
    await connection.sql.unsafe(`grant connect, create on database ${name} to taskwire_owner`)
  }
  const admin = { ...server, database: name }
  await prepare(admin)
  return {
    name,
    admin,
    owner: as(server, name, 'taskwire_owner', PASSWORD),
    app: as(server, name, 'taskwire_app', PASSWORD),
    auth: as(server, name, 'taskwire_auth', PASSWORD),
    url: (login, { host, port } = server) => `postgres://${login}:${PASSWORD}@${host}:${port}/${name}`,
    async [Symbol.asyncDispose]() {
      await using connection = await connectOnce({ address: server, applicationName: 'taskwire-test' })
      await connection.sql.unsafe(`drop database if exists ${name} with (force)`)
    },
  }
}
