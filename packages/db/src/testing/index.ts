import { randomUUID } from 'node:crypto'
import { type Address, parseAddress } from '../connection/address.ts'
import { connectOnce } from '../connection/connect.ts'
import { migrate, type MigrateOptions } from '../migrate.ts'
import { type Login, setUpRoles } from '../setup.ts'

export { hashRows } from './rows.ts'
export { type Proxy, startProxy } from './proxy.ts'
export { committedTexts, committedTextsOf, holdQueries } from './queries.ts'
export { leaveWalls, type Walls, WALLS } from './policies.ts'

/** Where vitest's set-up tells the tests which server to use. */
export const TEST_SERVER = 'TASKWIRE_TEST_SERVER'
const TEMPLATE = 'taskwire_template'
const PASSWORD = 'only-for-tests'
const PASSWORDS: Record<Login, string> = { taskwire_owner: PASSWORD, taskwire_app: PASSWORD, taskwire_auth: PASSWORD }

/** For a pool whose limits a test is not about: however slow the machine is, no call meets them. */
export const PATIENT = { waitMs: 60_000, deadlineMs: 60_000 }

/** A migrated database of one test file, dropped when its scope ends. */
export interface TestDatabase extends AsyncDisposable {
  name: string
  /** A superuser's, for looking at what no caller may see. */
  admin: Address
  owner: Address
  app: Address
  auth: Address
  /** `at` is where it is reached, by itself unless told. */
  url(login: Login, at?: Pick<Address, 'host' | 'port'>): string
}

function as(admin: Address, database: string, user: string, password: string): Address {
  return { ...admin, database, user, password }
}

/** Makes the roles and the template that every test database is copied from, by other directories than ours if told. */
export async function makeTemplate(
  adminUrl: string,
  directories: Pick<MigrateOptions, 'directory' | 'functionsDirectory'> = {},
): Promise<void> {
  const admin = parseAddress(TEST_SERVER, adminUrl)
  {
    await using server = await connectOnce({ address: admin, applicationName: 'taskwire-test' })
    await server.sql.unsafe(`drop database if exists ${TEMPLATE}`)
    // Another zone than the service's and the tests', so that a mistake with zones shows.
    await server.sql.unsafe(`create database ${TEMPLATE} template template0`)
    await server.sql.unsafe(`alter database ${TEMPLATE} set timezone = 'America/St_Johns'`)
  }
  await setUpRoles({ admin: { ...admin, database: TEMPLATE }, passwords: PASSWORDS })
  await migrate({ address: as(admin, TEMPLATE, 'taskwire_owner', PASSWORD), ...directories })
}

/** An empty database with the roles' rights, before any migration. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return await create('template0', async (address) => await setUpRoles({ admin: address, passwords: PASSWORDS }))
}

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
    // Settings and rights of a database are not copied with it.
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
