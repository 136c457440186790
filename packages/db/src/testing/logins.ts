import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { createClient } from '../connection/connect.ts'
import { createTestDatabase, type TestDatabase } from './index.ts'

/** A test database, with a connection of each login. */
export interface Logins extends AsyncDisposable {
  database: TestDatabase
  /** A superuser. */
  admin: Sql
  owner: Sql
  /** The service's login; each test chooses its account and space. */
  app: Sql
  auth: Sql
}

/** Creates a database. The connections are opened by their first statement. */
export async function connectLogins(): Promise<Logins> {
  const database = await createTestDatabase()
  const [admin, owner, app, auth] = [database.admin, database.owner, database.app, database.auth].map((address) =>
    createClient({ address, applicationName: 'test' }),
  ) as [Sql, Sql, Sql, Sql] // One for each address.
  return {
    database,
    admin,
    owner,
    app,
    auth,
    async [Symbol.asyncDispose]() {
      for (const client of [admin, owner, app, auth]) await client.end()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** Makes the service's login act as an account, by default in its personal space. */
export async function become({ app }: Logins, account: string, space = account): Promise<void> {
  await app`select set_config('app.account', ${account}, false), set_config('app.space', ${space}, false)`
}

/**
 * Creates a space. From now on the service's login acts in it, as another account than the space's owner, so that a
 * mix-up of the two shows. Returns the space's id.
 */
export async function actInNewSpace(logins: Logins): Promise<string> {
  const id = randomUUID()
  await logins.admin`insert into auth.users (id, name, email) values (${id}, 'Somebody', ${`${id}@example.com`})`
  await become(logins, randomUUID(), id)
  return id
}

/** The SQLSTATE with which a statement fails; 'no error' if it succeeds. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? Reflect.get(error, 'code') : error),
  )
}
