import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, codeOf, connectOnce, type Login, LOGINS, parseAddress, setUpRoles } from '@taskwire/db'
import { ConfigError } from '../config.ts'
import { reasonOf } from '../database/connection-errors.ts'
import { type Addresses, startEmbedded } from '../database/embedded.ts'

type OwnDatabase = Addresses & { owner: Address }

/** Starts a PostgreSQL in a temporary directory, which is removed when it stops. */
export async function startTemporary(): Promise<OwnDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-testing-'))
  const remove = async (): Promise<void> => await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  try {
    // The service refuses a server with synchronous_commit off.
    const options = { durable: false, settings: { synchronous_commit: 'on' } }
    const database = await startEmbedded(directory, () => {}, options)
    const stop = async (): Promise<void> => {
      await database.stop()
      await remove()
    }
    return { ...database, stop }
  } catch (error) {
    await remove()
    throw error
  }
}

const CONNECTION = { applicationName: 'taskwire-testing' }

/**
 * Creates a database with a random name on the server at `url`, an administrator's address. `stop` drops the database.
 */
export async function createOnServer(url: string): Promise<OwnDatabase> {
  const server = parseAddress('databaseUrl', url)
  // The passwords are the same for every run, since the logins belong to the server, and runs may overlap.
  const password = (login: string): string => createHmac('sha256', url).update(login).digest('base64url')
  const name = `taskwire_test_${randomUUID().replaceAll('-', '')}`
  const run = async (statement: string): Promise<void> => {
    await using connection = await connectOnce({ ...CONNECTION, address: server })
    await connection.sql.unsafe(statement)
  }
  try {
    await run(`create database ${name} template template0`)
  } catch (error) {
    throw new ConfigError(
      `databaseUrl (${server.user}@${server.host}:${server.port}/${server.database}) cannot be used: ${reasonOf(error)}. Give the address of a PostgreSQL server, version 15 to 18, with a login that may create databases and roles.`,
      { cause: error },
    )
  }
  const stop = async (): Promise<void> => await run(`drop database if exists ${name} with (force)`)
  const addressOf = (user: string): Address => ({ ...server, database: name, user, password: password(user) })
  try {
    await refuseOtherPasswords(server, addressOf)
    const passwords = Object.fromEntries(LOGINS.map((login) => [login, password(login)])) as Record<Login, string>
    await setUpRoles({ admin: { ...server, database: name }, passwords })
  } catch (error) {
    await stop()
    throw error
  }
  const app = addressOf('taskwire_app')
  return {
    app,
    auth: addressOf('taskwire_auth'),
    owner: addressOf('taskwire_owner'),
    direct: app.pooled ? null : app,
    secret: password('secret'),
    stop,
  }
}

/** Throws if the server has Taskwire's logins with other passwords, which setUpRoles() would change. */
async function refuseOtherPasswords(server: Address, addressOf: (login: string) => Address): Promise<void> {
  {
    await using connection = await connectOnce({ ...CONNECTION, address: server })
    const [role] = await connection.sql`select from pg_roles where rolname = 'taskwire_owner' and rolcanlogin`
    if (role === undefined) return
  }
  try {
    await using _ = await connectOnce({ ...CONNECTION, address: addressOf('taskwire_owner') })
  } catch (error) {
    if (codeOf(error) !== '28P01') throw error
    throw new ConfigError(
      `databaseUrl (${server.host}:${server.port}) is a server on which another Taskwire was set up: these tests would change its passwords. Use another server for tests, or leave databaseUrl out.`,
      { cause: error },
    )
  }
}
