import type { Sql } from 'postgres'
import { expect } from 'vitest'
import type { Caller, MutationIdentity } from '../caller.ts'
import { type Database, openDatabase } from '../caller-session.ts'
import { createClient } from '../connection/connect.ts'
import type { Answer } from '../mutation.ts'
import { sql, statement } from '../statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from './index.ts'
import { addAnything, newList } from './mutations.ts'
import { type Proxy, startProxy } from './proxy.ts'
import { addUser, newMutation, type TestUser } from './users.ts'

/** A test database behind a proxy, with two users. */
export interface ProxiedServer extends AsyncDisposable {
  server: TestDatabase
  admin: Sql
  /** Between the service and the server. */
  proxy: Proxy
  ada: TestUser
  ben: TestUser
  /** Opens a pool of one connection, through the proxy. */
  open(): Database
}

export async function startProxiedServer({ adminConnections = 1 } = {}): Promise<ProxiedServer> {
  const server = await createTestDatabase()
  const admin = createClient({ address: server.admin, applicationName: 'admin', max: adminConnections })
  const proxy = await startProxy(server.app)
  const ada = await addUser(admin)
  const ben = await addUser(admin)
  await addAnything(admin)
  return {
    server,
    admin,
    proxy,
    ada,
    ben,
    open: () =>
      openDatabase({ address: { ...server.app, port: proxy.port }, max: 1, applicationName: 'test', ...PATIENT }),
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await admin.end()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** All lists that the caller may read. */
export const everything = statement(sql`select space_id, name from tw.lists order by name`)

/** A mutation without an id leaves no record, so durable() expects no list of it. */
export const unrecorded = (): MutationIdentity => ({ ...newMutation(), id: null })

export async function write(
  database: Database,
  caller: Caller,
  mutation = newMutation(),
  call = newList(),
): Promise<Answer> {
  const answer = await database.mutate(caller, mutation, 'request', call)
  expect(answer.outcome).toBe('ok')
  return answer
}
